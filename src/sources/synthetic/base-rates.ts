import { DadinError, SeededRandom } from '../../core/index.js';
import { emptyHistories, historyFeature, sigmoid, staticLogit } from './logit.js';
import { Rows } from './rows.js';
import type { World } from './world.js';

const MAX_ROWS = 400_000;
const MIN_WARM_USERS = 100;
const MAX_PASSES = 60;
/** in logits */
const TOLERANCE = 2e-4;
/** Below 1: a higher base rate brings more clicks, hence more history hits, so the rates answer more than one to one. */
const STEP = 0.7;

/**
 * b_D such that the mean p of domain D is ctrD, by fixed point over repeated passes with the same random numbers.
 *
 * Up to 400 000 rows the passes run over the very stream that is delivered, so its mean p meets the rates. A longer one
 * is solved on a sample: users do not depend on each other, so every n-th user with all its rows, and if too few users
 * would remain, fewer rows over the same time. Throws DADIN_CONFIG_INVALID when the rates cannot be reached.
 */
export function solveBaseRates(world: World, seed: number): readonly [number, number] {
  const { knobs } = world;
  const wanted = Math.ceil(knobs.events / MAX_ROWS);
  const stride = Math.max(1, Math.min(wanted, Math.floor(world.warmTargetUsers / MIN_WARM_USERS)));
  const size = Math.min(MAX_ROWS, Math.ceil(knobs.events / stride));
  const sample = drawSample(world, seed, size, stride);
  const ctr = [knobs.ctrS, knobs.ctrT] as const;
  const base: [number, number] = [logit(ctr[0]), logit(ctr[1])];
  let best = { error: Number.POSITIVE_INFINITY, base: [...base] as [number, number] };
  for (let pass = 0; pass < MAX_PASSES && best.error > TOLERANCE; pass++) {
    const mean = meanProbabilities(world, sample, base);
    const error = Math.max(...[0, 1].map((d) => Math.abs(logit(mean[d as 0 | 1]) - logit(ctr[d as 0 | 1]))));
    if (error < best.error) best = { error, base: [...base] };
    for (const d of [0, 1] as const) base[d] += STEP * (logit(ctr[d]) - logit(mean[d]));
  }
  // every click moves the later probabilities, so that few rows meet the rates only nearly
  if (best.error < TOLERANCE + 3 / Math.sqrt(size)) return best.base;
  throw new DadinError('DADIN_CONFIG_INVALID', 'no base rates give the synthetic stream its click rates', {
    step: 'synthetic',
    got: `ctrT ${knobs.ctrT}, ctrS ${knobs.ctrS} with history ${knobs.history}, taste ${knobs.taste}`,
    remedy: 'lower the weights history, taste or quality, or move the rates away from 0 and 1',
  });
}

interface Sample {
  readonly domain: Uint8Array;
  readonly user: Int32Array;
  readonly item: Int32Array;
  readonly staticLogit: Float64Array;
  /** the uniform that decides the click */
  readonly uniform: Float64Array;
}

function drawSample(world: World, seed: number, size: number, stride: number): Sample {
  const sample: Sample = {
    domain: new Uint8Array(size),
    user: new Int32Array(size),
    item: new Int32Array(size),
    staticLogit: new Float64Array(size),
    uniform: new Float64Array(size),
  };
  const clicks = new SeededRandom(seed, 'synthetic.clicks');
  for (const rows = new Rows(world, seed, size, stride); rows.next(); ) {
    sample.domain[rows.row] = rows.domain;
    sample.user[rows.row] = rows.user;
    sample.item[rows.row] = rows.item;
    sample.staticLogit[rows.row] = staticLogit(world, rows);
    sample.uniform[rows.row] = clicks.next();
  }
  return sample;
}

/** Mean p by domain code; a domain without rows counts as on target. */
function meanProbabilities(world: World, sample: Sample, base: readonly [number, number]): [number, number] {
  const { knobs, catalogues } = world;
  const histories = emptyHistories(world);
  const sum = [0, 0] as [number, number];
  const rows = [0, 0] as [number, number];
  for (let i = 0; i < sample.domain.length; i++) {
    const d = sample.domain[i] as 0 | 1;
    const user = sample.user[i]!;
    const item = sample.item[i]!;
    const feature = historyFeature(knobs.histMode, histories, user, catalogues[d].topicOf[item]!);
    const p = sigmoid(base[d] + sample.staticLogit[i]! + knobs.history * feature);
    sum[d] += p;
    rows[d]++;
    if (sample.uniform[i]! < p) histories.push(user, d, item);
  }
  return [rows[0] === 0 ? knobs.ctrS : sum[0] / rows[0], rows[1] === 0 ? knobs.ctrT : sum[1] / rows[1]];
}

function logit(p: number): number {
  return Math.log(p / (1 - p));
}
