import { DOMAIN_CODE, SeededRandom } from '../../core/index.js';
import type { Drift } from './knobs.js';
import { STREAM_START_MS } from './knobs.js';
import type { World } from './world.js';

/**
 * Who sees what and when: the part of the stream that does not depend on clicks. `next` moves to the next row, whose
 * columns are the fields. Times are strictly increasing whole milliseconds: a sorted sample without replacement, drawn
 * one by one (order statistics of uniforms), so a stream of any length needs no memory.
 */
export class Rows {
  readonly size: number;
  readonly #world: World;
  readonly #stride: number;
  readonly #domains: SeededRandom;
  readonly #random: SeededRandom;
  readonly #targetShare: number;
  readonly #spanMs: number;
  #remaining = 1;
  row = -1;
  eventTimeMs = 0;
  /** 1 target, 0 source */
  domain: 0 | 1 = 0;
  user = 0;
  item = 0;
  /** target row of a user whose first target row comes after `coldFrom` */
  cold = false;
  /** the target's concept has changed for this row */
  newConcept = false;

  /** `stride` > 1 keeps every stride-th user only, and `size` rows over the same time: a sample of the same stream. */
  constructor(world: World, seed: number, size: number, stride = 1) {
    this.#world = world;
    this.size = size;
    this.#stride = stride;
    this.#domains = new SeededRandom(seed, 'synthetic.domains');
    this.#random = new SeededRandom(seed, 'synthetic.rows');
    this.#targetShare = 1 / (1 + world.knobs.sourceRatio);
    this.#spanMs = world.knobs.hours * 3_600_000 - size;
  }

  next(): boolean {
    const row = this.row + 1;
    if (row >= this.size) return false;
    this.row = row;
    const { knobs, catalogues, warmTargetUsers, targetUsers } = this.#world;
    const random = this.#random;
    const x = row / this.size;
    this.domain = this.#domains.next() < this.#targetShare ? DOMAIN_CODE.target : DOMAIN_CODE.source;
    // the share of the span still ahead shrinks by the largest of (size - row) uniforms
    this.#remaining *= Math.exp(Math.log(1 - random.next()) / (this.size - row));
    this.eventTimeMs = STREAM_START_MS + Math.floor(this.#spanMs * (1 - this.#remaining)) + row;
    const target = this.domain === DOMAIN_CODE.target;
    const population = !target ? knobs.users : x < knobs.coldFrom ? warmTargetUsers : targetUsers;
    this.user = random.below(Math.ceil(population / this.#stride)) * this.#stride;
    this.cold = target && this.user >= warmTargetUsers;
    this.item = catalogues[this.domain].exposure.draw(random);
    this.newConcept = target && knobs.drift !== null && random.next() < newConceptProbability(knobs.drift, x);
    return true;
  }
}

/** Target rows among the first `size` rows, by their domains alone. */
export function countTargetRows(world: World, seed: number, size: number): number {
  const domains = new SeededRandom(seed, 'synthetic.domains');
  const share = 1 / (1 + world.knobs.sourceRatio);
  let count = 0;
  for (let i = 0; i < size; i++) if (domains.next() < share) count++;
  return count;
}

function newConceptProbability(drift: Drift, x: number): number {
  switch (drift.kind) {
    case 'sudden':
      return x >= drift.at ? 1 : 0;
    case 'gradual':
      return Math.min(1, Math.max(0, (x - drift.at) / (drift.until - drift.at)));
    case 'recurring':
      return Math.floor(x / drift.period) % 2;
  }
}
