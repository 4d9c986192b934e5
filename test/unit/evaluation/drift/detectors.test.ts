import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../src/core/index.js';
import { Adwin, Ddm, type DriftDetector, Kswin, PageHinkley } from '../../../../src/evaluation/index.js';

interface Stream {
  readonly bits: string;
  readonly adwin: readonly number[];
  readonly ddm: readonly number[];
  readonly ph: readonly number[];
}
const fixture = JSON.parse(readFileSync('test/fixtures/drift.json', 'utf8')) as { streams: Record<string, Stream> };
const pageHinkley = { delta: 0.005, threshold: 20, alpha: 0.9999, minValues: 30 };

function alarms(detector: DriftDetector, values: ArrayLike<number>): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (detector.update(values[i]!)) found.push(i);
  return found;
}

describe.each(Object.entries(fixture.streams))('drift.json, %s', (_, stream) => {
  const bits = Float64Array.from(stream.bits, Number);

  it('DDM and Page-Hinkley alarm at the very same values', () => {
    expect(alarms(new Ddm(), bits)).toEqual(stream.ddm);
    expect(alarms(new PageHinkley(pageHinkley), bits)).toEqual(stream.ph);
  });

  it('ADWIN alarms within two of its ticks', () => {
    const found = alarms(new Adwin(), bits);
    for (const at of stream.adwin) expect(found.some((i) => Math.abs(i - at) <= 64)).toBe(true);
    for (const at of found) expect(stream.adwin.some((i) => Math.abs(i - at) <= 64)).toBe(true);
  });
});

describe('detectors', () => {
  const flips = (seed: number, before: number, after: number, rows: number): Float64Array => {
    const random = new SeededRandom(seed);
    return Float64Array.from({ length: 2 * rows }, (_, i) => (random.next() < (i < rows ? before : after) ? 1 : 0));
  };

  it('ADWIN is silent for 20 000 stationary bits and quick after a jump from .2 to .5', () => {
    for (const seed of [1, 2, 3]) {
      expect(alarms(new Adwin(), flips(seed, 0.2, 0.2, 10_000))).toEqual([]);
      const first = alarms(new Adwin(), flips(seed, 0.2, 0.5, 5000))[0]!;
      expect(first).toBeGreaterThanOrEqual(5000);
      expect(first).toBeLessThanOrEqual(5300);
    }
  });

  it('ADWIN keeps the mean of its window, which grows while nothing changes', () => {
    const adwin = new Adwin();
    const bits = flips(4, 0.2, 0.7, 4000);
    alarms(adwin, bits.subarray(0, 4000));
    expect(adwin.width).toBe(4000);
    expect(adwin.mean).toBeCloseTo(bits.subarray(0, 4000).reduce((a, b) => a + b) / 4000, 12);
    alarms(adwin, bits.subarray(4000));
    expect(adwin.width).toBeLessThan(4500);
    expect(adwin.mean!).toBeGreaterThan(0.6);
  });

  it('KSWIN sees a change of spread that leaves the mean', () => {
    const random = new SeededRandom(9);
    const values = Float64Array.from({ length: 2000 }, (_, i) => random.normal() * (i < 1000 ? 1 : 6));
    const found = alarms(new Kswin({ alpha: 1e-5, windowSize: 300, recentSize: 100, seed: 1 }), values);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]!).toBeGreaterThanOrEqual(1000);
    expect(found[0]!).toBeLessThan(1200);
  });

  it('go on to the bit from a snapshot', () => {
    const make: (() => DriftDetector)[] = [
      () => new Adwin(),
      () => new Ddm(),
      () => new PageHinkley(pageHinkley),
      () => new Kswin({ alpha: 0.01, windowSize: 40, recentSize: 15, seed: 5 }),
    ];
    const bits = flips(7, 0.2, 0.6, 1500);
    for (const create of make) {
      for (const cut of [0, 20, 700, 1555]) {
        const going = create();
        alarms(going, bits.subarray(0, cut));
        const restored = create();
        alarms(restored, bits.subarray(2000));
        restored.restore(going.snapshot());
        expect(restored.snapshot()).toEqual(going.snapshot());
        const rest = alarms(going, bits.subarray(cut));
        expect(alarms(restored, bits.subarray(cut))).toEqual(rest);
        expect(rest.length).toBeGreaterThan(0);
        expect(restored.snapshot()).toEqual(going.snapshot());
      }
    }
  });
});
