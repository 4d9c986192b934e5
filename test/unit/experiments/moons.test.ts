import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { labelled, moons, POINTS_PER_CLASS } from '../../../src/experiments/moons/data.js';
import { trainVariant } from '../../../src/experiments/moons/experiment.js';
import { linearProbe } from '../../../src/experiments/moons/probe.js';
import { createFusedOps } from '../../../src/kernel/fused-ops.js';

const mean = (x: Float64Array, column: number) =>
  x.filter((_, i) => i % 2 === column).reduce((a, b) => a + b, 0) / (x.length / 2);

describe('the moons', () => {
  it('are 300 points a domain about the mean of the source, the target turned by 35 degrees', () => {
    const { source, target } = moons(1);
    expect(source.label.filter((one) => one === 1)).toHaveLength(POINTS_PER_CLASS);
    expect(mean(source.x, 0)).toBeCloseTo(0, 10);
    expect(mean(source.x, 1)).toBeCloseTo(0, 10);
    // first point of the upper moon lies at (1, 0): turned back it stands where the source's does, noise apart
    const [cos, sin] = [Math.cos((-35 * Math.PI) / 180), Math.sin((-35 * Math.PI) / 180)];
    for (let i = 0; i < 2 * POINTS_PER_CLASS; i += 25) {
      const [x, y] = [target.x[2 * i]!, target.x[2 * i + 1]!];
      expect(Math.abs(cos * x - sin * y - source.x[2 * i]!)).toBeLessThan(1.2);
      expect(Math.abs(sin * x + cos * y - source.x[2 * i + 1]!)).toBeLessThan(1.2);
    }
  });

  it('show the labels that the protocol says', () => {
    const { target } = moons(2);
    const half = labelled('half', target, 2);
    expect(half.filter((shown, i) => shown === 1 && target.label[i] === 1)).toHaveLength(75);
    expect(half.filter((shown) => shown === 1)).toHaveLength(150);
    const cold = labelled('cold', target, 2);
    const x1 = (shown: number) => target.x.filter((_, i) => i % 2 === 0 && cold[i / 2] === shown);
    expect(x1(1)).toHaveLength(150);
    expect(Math.max(...x1(1))).toBeLessThanOrEqual(Math.min(...x1(0)));
    expect(labelled('unsup', target, 2).some((shown) => shown === 1)).toBe(false);
  });

  it('are learned where half of the labels is shown', async () => {
    const data = moons(1);
    const network = trainVariant(await createFusedOps(), data, 'half', 'dadin', 1);
    const { logit } = network.outputs(data.target.x);
    const right = data.target.label.filter((label, i) => logit[i]! > 0 === (label === 1)).length;
    expect(right / 300).toBeGreaterThan(0.95);
  }, 30_000);
});

describe('the linear probe', () => {
  const random = new SeededRandom(1);
  const kind = Uint8Array.from({ length: 400 }, (_, i) => i % 2);
  const rows = (shift: number) =>
    Float64Array.from(
      { length: 400 * 3 },
      (_, k) => random.normal() + (k % 3 === 0 && Math.floor(k / 3) % 2 === 1 ? shift : 0),
    );

  it('finds nothing where there is nothing', () => {
    const { accuracy, distance } = linearProbe(rows(0), 3, kind, 1);
    expect(Math.abs(accuracy - 0.5)).toBeLessThan(0.08);
    expect(distance).toBeLessThan(0.35);
  });

  it('reaches the accuracy of the best cut, Phi(shift / 2)', () => {
    const { accuracy, distance } = linearProbe(rows(2), 3, kind, 1);
    expect(Math.abs(accuracy - 0.841)).toBeLessThan(0.05);
    expect(distance).toBeCloseTo(2 * (2 * accuracy - 1), 12);
  });
});
