import { solveBaseRates } from './base-rates.js';
import { checkKnobs, type SyntheticKnobs } from './knobs.js';
import { drawWorld, type World } from './world.js';

/** A stream's fixed part: reading it any number of times gives the same rows. */
export interface ClickModel {
  readonly knobs: SyntheticKnobs;
  readonly seed: number;
  readonly world: World;
  /** b_D by domain code */
  readonly base: readonly [number, number];
}

/** Draws the world and solves the base rates. Throws DADIN_CONFIG_INVALID on impossible knobs. */
export function createClickModel(knobs: SyntheticKnobs, seed: number): ClickModel {
  checkKnobs(knobs);
  const world = drawWorld(knobs, seed);
  return { knobs, seed, world, base: solveBaseRates(world, seed) };
}
