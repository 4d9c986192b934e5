import { SeededRandom } from '../../core/index.js';

/** Points of one domain: x [n,2] row-major, labels [n]. */
export interface Points {
  readonly x: Float64Array;
  readonly label: Uint8Array;
}

export interface Moons {
  readonly source: Points;
  readonly target: Points;
}

/** Points of a class, in each domain. */
export const POINTS_PER_CLASS = 150;
const NOISE = 0.1;
const ROTATION_DEGREES = 35;

/**
 * Two inter-twinning moons a domain, the target's rotated by 35 degrees (algorithm C): 300 independent points each, noise
 * N(0, .1 squared), the source's mean taken from both, scaled by 2.
 */
export function moons(seed: number): Moons {
  const source = drawMoons(new SeededRandom(seed, 'moons/source'));
  const target = drawMoons(new SeededRandom(seed, 'moons/target'));
  const centre = [columnMean(source.x, 0), columnMean(source.x, 1)] as const;
  place(source.x, centre, 0);
  place(target.x, centre, (ROTATION_DEGREES * Math.PI) / 180);
  return { source, target };
}

function drawMoons(random: SeededRandom): Points {
  const n = 2 * POINTS_PER_CLASS;
  const x = new Float64Array(2 * n);
  const label = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const t = (Math.PI * (i % POINTS_PER_CLASS)) / (POINTS_PER_CLASS - 1);
    const isLower = i >= POINTS_PER_CLASS;
    label[i] = isLower ? 1 : 0;
    x[2 * i] = (isLower ? 1 - Math.cos(t) : Math.cos(t)) + NOISE * random.normal();
    x[2 * i + 1] = (isLower ? 0.5 - Math.sin(t) : Math.sin(t)) + NOISE * random.normal();
  }
  return { x, label };
}

function columnMean(x: Float64Array, column: 0 | 1): number {
  let sum = 0;
  for (let i = column; i < x.length; i += 2) sum += x[i]!;
  return (2 * sum) / x.length;
}

/** Moves, scales by 2 and rotates about the origin, in place. */
function place(x: Float64Array, [cx, cy]: readonly [number, number], angle: number): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < x.length; i += 2) {
    const u = 2 * (x[i]! - cx);
    const v = 2 * (x[i + 1]! - cy);
    x[i] = cos * u - sin * v;
    x[i + 1] = sin * u + cos * v;
  }
}

/** Which target labels training sees: a random half (the paper's), all but a region never seen, or none. */
export const PROTOCOLS = ['half', 'cold', 'unsup'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** [n] 1 where the target point's label may be learned. */
export function labelled(protocol: Protocol, { x, label }: Points, seed: number): Uint8Array {
  const n = label.length;
  const seen = new Uint8Array(n);
  if (protocol === 'unsup') return seen;
  const points = [...label.keys()];
  if (protocol === 'cold') {
    for (const i of points.sort((a, b) => x[2 * a]! - x[2 * b]!).slice(0, n / 2)) seen[i] = 1;
    return seen;
  }
  const random = new SeededRandom(seed, 'moons/half');
  for (const wanted of [0, 1]) {
    const left = points.filter((i) => label[i] === wanted);
    for (let k = 0; k < POINTS_PER_CLASS / 2; k++) seen[left.splice(random.below(left.length), 1)[0]!] = 1;
  }
  return seen;
}
