import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { dadinLayout } from '../../../src/model/dadin-layout.js';
import { initialise } from '../../../src/model/initialise.js';
import { SMALL_MODEL } from './options.js';

const PAPER = { ...SMALL_MODEL, width: 64, hidden: [512, 128, 64], predictorWidth: 100 };
const ATTENTION = 2 * (64 * 256 + 64);
const INTEREST = 3 * (64 * 256 + 64 + 1);
const NETWORK = 64 * 512 + 512 + 512 * 128 + 128 + 128 * 64 + 64;
const WIDE_FIRST_LAYER = 192 * 512;
const FULL = 303_443;
/** 4d wide throughout: DA 256 -> 512 -> 128 -> 256, predictor and discriminators read 256. */
const ABLATION_5 =
  ATTENTION + INTEREST + 256 * 512 + 512 + 512 * 128 + 128 + 128 * 256 + 256 + (100 * 256 + 100 + 101) + 3 * 257;

describe('dense parameters at d = 64, hidden [512, 128, 64]', () => {
  it.each([
    [0, FULL],
    [1, FULL - ATTENTION],
    [2, FULL - INTEREST],
    [3, FULL - 4 + WIDE_FIRST_LAYER],
    [4, FULL - NETWORK],
    [5, ABLATION_5],
    [6, FULL - NETWORK],
    [7, FULL],
    [8, FULL],
    [9, FULL],
  ])('ablation %i has %i', (ablation, count) => {
    expect(dadinLayout({ ...PAPER, ablation }).length).toBe(count);
  });

  it('statistics and offset widen the first layer only', () => {
    expect(dadinLayout({ ...PAPER, denseWidth: 5, offsetInput: true }).length).toBe(FULL + 6 * 512);
  });
});

it('starts uniform, He before a ReLU and Xavier elsewhere, zero biases and c = 1, from the seed alone', () => {
  const layout = dadinLayout(PAPER);
  const flat = new Float32Array(layout.length);
  initialise(layout, flat, new SeededRandom(3, 'dense'));
  const again = new Float32Array(layout.length);
  initialise(layout, again, new SeededRandom(3, 'dense'));
  expect(again).toEqual(flat);
  expect(layout.view(flat, 'bi.c')).toEqual(new Float32Array(4).fill(1));
  expect(layout.view(flat, 'int.b')).toEqual(new Float32Array(3));
  const linear = dadinLayout({ ...PAPER, lastActivation: 'linear' });
  const linearFlat = new Float32Array(linear.length);
  initialise(linear, linearFlat, new SeededRandom(3, 'dense'));
  const he = (into: number) => Math.sqrt(6 / into);
  const xavier = (out: number, into: number) => Math.sqrt(6 / (out + into));
  for (const [values, limit] of [
    [layout.view(flat, 'dnn.0.W'), he(64)],
    [layout.view(flat, 'da.2.W'), he(128)],
    [linear.view(linearFlat, 'da.1.W'), he(512)],
    [linear.view(linearFlat, 'da.2.W'), xavier(64, 128)],
    [layout.view(flat, 'att.t.W'), xavier(64, 256)],
  ] as const) {
    const greatest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(greatest).toBeLessThanOrEqual(Math.fround(limit));
    expect(greatest).toBeGreaterThan(0.98 * limit);
    const variance = values.reduce((sum, x) => sum + x * x, 0) / values.length;
    expect(variance / (limit ** 2 / 3)).toBeCloseTo(1, 1);
  }
});

it('names tensors as checkpoints do, each over its own part of the vector', () => {
  const layout = dadinLayout(SMALL_MODEL);
  const flat = Float32Array.from({ length: layout.length }, (_, i) => i);
  const tensors = layout.tensors(flat);
  expect(tensors.flatMap(({ data }) => [...data])).toEqual([...flat]);
  expect(tensors.every(({ shape, data }) => shape.reduce((a, b) => a * b, 1) === data.length)).toBe(true);
  expect(tensors.map(({ name }) => name)).toContain('int.t.V');
});
