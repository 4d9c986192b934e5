import { describe, expect, it } from 'vitest';
import { type SampleBatch, SeededRandom } from '../../../src/core/index.js';
import { type BackendName, loadBackend } from '../../../src/training/backend.js';
import { TrainingEngine } from '../../../src/training/engine.js';
import { TENSOR_ENGINES } from '../../conformance/tensor-engines.js';
import { SMALL_ENGINE, SMALL_MODEL } from '../../unit/model/options.js';
import { randomBatch } from '../../unit/model/random-batch.js';
import { pickRows } from './pick-rows.js';

const ENGINES: readonly BackendName[] = ['fused', ...TENSOR_ENGINES];
const SIZES = [
  { width: 16, hidden: [64, 32, 16], denseWidth: 3 },
  { width: 64, hidden: [512, 128, 64], denseWidth: 0 },
];

const range = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i);

/** Companies in which the rows stand: alone, few, many, in another order, among strangers, with themselves. */
const COMPANIES: readonly (readonly number[])[] = [
  ...range(0, 20).map((row) => [row]),
  range(0, 2),
  range(0, 7),
  range(3, 15),
  range(0, 16),
  range(0, 17),
  range(1, 31),
  range(0, 64),
  range(0, 256).reverse(),
  [...range(200, 100), ...range(0, 30)],
  [5, 5, 5],
  range(0, 513),
];

describe.each(ENGINES)('%s: the bits of a row’s logit do not depend on its company', (name) => {
  it.each(SIZES)('d $width, $denseWidth statistics', async ({ width, hidden, denseWidth }) => {
    const backend = await loadBackend(name, width);
    const model = { ...SMALL_MODEL, width, hidden, denseWidth, predictorWidth: 100 };
    const engine = new TrainingEngine(backend.ops, backend, { ...SMALL_ENGINE, model });
    const random = new SeededRandom(3, 'rows');
    const batch = randomBatch(random, { size: 520, users: 300, items: 400, historyLength: 12, denseWidth });
    for (let step = 0; step < 3; step++) engine.train(pickRows(batch, range(100 * step, 100)), step);

    const logits = engine.score(pickRows(batch, range(0, 256)));
    const inCompany = (rows: readonly number[]): SampleBatch => pickRows(batch, rows);
    for (const rows of COMPANIES) {
      const scored = engine.score(inCompany(rows));
      rows.forEach((row, place) => {
        if (row < logits.length) expect(scored[place], `row ${row} at ${place} of ${rows.length}`).toBe(logits[row]);
      });
    }
  });
});
