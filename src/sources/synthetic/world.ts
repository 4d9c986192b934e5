import { DOMAIN_CODE, SeededRandom } from '../../core/index.js';
import { AliasTable } from './alias-table.js';
import type { SyntheticKnobs } from './knobs.js';

/** The items of one domain. */
interface Catalogue {
  /** [topics, k] taste vectors of the topics in this domain */
  readonly topicVectors: Float64Array;
  /** [items] */
  readonly topicOf: Uint16Array;
  /** [items] */
  readonly quality: Float64Array;
  readonly exposure: AliasTable;
}

/** Everything drawn once, before the first event. Users are in the order warm target, cold target, source only. */
export interface World {
  readonly knobs: SyntheticKnobs;
  /** [users, k] theta */
  readonly taste: Float64Array;
  /** [users] */
  readonly ageOf: Uint16Array;
  readonly cityOf: Uint16Array;
  readonly warmTargetUsers: number;
  readonly targetUsers: number;
  /** by domain code: source 0, target 1 */
  readonly catalogues: readonly [Catalogue, Catalogue];
  /** [topics] 1 where the target's vector flips under drift */
  readonly flips: Uint8Array;
}

export function drawWorld(knobs: SyntheticKnobs, seed: number): World {
  // a stream of random numbers for each part, so that a knob of one leaves the others as they were
  const randomOf = (part: string) => new SeededRandom(seed, `synthetic.${part}`);
  const { users, latent: k, topics } = knobs;
  const targetUsers = Math.max(1, Math.round(users * knobs.targetUsers));
  const coldUsers = Math.min(targetUsers - 1, Math.round(targetUsers * knobs.coldShare));

  const random = randomOf('users');
  const byAge = normals(random, knobs.ages * k);
  const byCity = normals(random, knobs.cities * k);
  const taste = new Float64Array(users * k);
  const ageOf = new Uint16Array(users);
  const cityOf = new Uint16Array(users);
  const profile = Math.sqrt(knobs.profileShare / 2);
  const own = Math.sqrt(1 - knobs.profileShare);
  for (let u = 0; u < users; u++) {
    const age = random.below(knobs.ages);
    const city = random.below(knobs.cities);
    ageOf[u] = age;
    cityOf[u] = city;
    for (let j = 0; j < k; j++) {
      taste[u * k + j] = profile * (byAge[age * k + j]! + byCity[city * k + j]!) + own * random.normal();
    }
  }

  const sourceVectors = normals(randomOf('topics'), topics * k).map((v) => v / Math.sqrt(k));
  const angle = (knobs.conceptShiftDegrees * Math.PI) / 180;
  const targetVectors = rotate(sourceVectors, k, angle, randomOf('rotation'));
  const preference = normals(randomOf('preference'), topics);
  const source = drawCatalogue(knobs, knobs.itemsS, sourceVectors, preference, -1, randomOf('items.source'));
  const target = drawCatalogue(knobs, knobs.itemsT, targetVectors, preference, 1, randomOf('items.target'));
  const catalogues: [Catalogue, Catalogue] = [source, source];
  catalogues[DOMAIN_CODE.target] = target;

  const flips = new Uint8Array(topics);
  const order = shuffled(topics, randomOf('flips'));
  for (let i = 0; i < Math.round(topics * (knobs.drift?.share ?? 0)); i++) flips[order[i]!] = 1;
  return { knobs, taste, ageOf, cityOf, warmTargetUsers: targetUsers - coldUsers, targetUsers, catalogues, flips };
}

/** `sign`: which way the topic shift turns this domain's exposure. */
function drawCatalogue(
  knobs: SyntheticKnobs,
  items: number,
  topicVectors: Float64Array,
  preference: Float64Array,
  sign: 1 | -1,
  random: SeededRandom,
): Catalogue {
  const topicOf = new Uint16Array(items);
  const exposure = new Float64Array(items);
  for (let i = 0; i < items; i++) {
    const topic = random.below(knobs.topics);
    topicOf[i] = topic;
    exposure[i] = (i + 1) ** -knobs.zipf * Math.exp(sign * knobs.topicShift * preference[topic]!);
  }
  return { topicVectors, topicOf, quality: normals(random, items), exposure: new AliasTable(exposure) };
}

function normals(random: SeededRandom, n: number): Float64Array {
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) x[i] = random.normal();
  return x;
}

function shuffled(n: number, random: SeededRandom): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** Turns every row of x [n, k] by `angle` in floor(k/2) random orthogonal planes. */
function rotate(x: Float64Array, k: number, angle: number, random: SeededRandom): Float64Array {
  const basis = orthonormal(k, random);
  const y = x.slice();
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let row = 0; row < x.length; row += k) {
    for (let plane = 0; plane + 1 < k; plane += 2) {
      const a = basis.subarray(plane * k, plane * k + k);
      const b = basis.subarray(plane * k + k, plane * k + 2 * k);
      let alongA = 0;
      let alongB = 0;
      for (let j = 0; j < k; j++) {
        alongA += x[row + j]! * a[j]!;
        alongB += x[row + j]! * b[j]!;
      }
      for (let j = 0; j < k; j++) {
        const turned = (cos * alongA - sin * alongB) * a[j]! + (sin * alongA + cos * alongB) * b[j]!;
        y[row + j] = y[row + j]! + turned - alongA * a[j]! - alongB * b[j]!;
      }
    }
  }
  return y;
}

/** k random orthonormal vectors, [k, k] by rows (Gram and Schmidt). */
function orthonormal(k: number, random: SeededRandom): Float64Array {
  const basis = normals(random, k * k);
  for (let i = 0; i < k; i++) {
    const v = basis.subarray(i * k, i * k + k);
    for (let j = 0; j < i; j++) {
      const w = basis.subarray(j * k, j * k + k);
      let dot = 0;
      for (let c = 0; c < k; c++) dot += v[c]! * w[c]!;
      for (let c = 0; c < k; c++) v[c] = v[c]! - dot * w[c]!;
    }
    const norm = Math.hypot(...v);
    for (let c = 0; c < k; c++) v[c] = v[c]! / norm;
  }
  return basis;
}
