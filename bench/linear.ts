/**
 * Speed of the per-event learners: features, one linear update, click counters; rows of about sixty features.
 *
 * usage: npx tsx bench/linear.ts [rows, default 200000]
 */
import { type Item, SeededRandom } from '../src/core/index.js';
import {
  fillLinearFeatures,
  LinearFeatures,
  type LinearRow,
  linearLearner,
  STANDARD_CROSSES,
} from '../src/linear/index.js';
import { ClickStatistics, STATISTICS_COLUMNS } from '../src/statistics/index.js';

const n = Number(process.argv[2] ?? 200_000);
const random = new SeededRandom(1);
const id = (kind: number, count: number): number =>
  kind * 2 ** 50 + 7919 * (1 + Math.floor(count * random.next() ** 3));

const items = Array.from({ length: 5000 }, (_, serial): Item => {
  const featureIds = Float64Array.of(id(1, 1e9), id(3, 30), id(3, 30), id(3, 8));
  return { serial, domain: 1, featureIds, impressions: 0, batchStamp: -1, batchSlot: -1 };
});
const someItems = (most: number): Item[] =>
  Array.from({ length: random.below(most + 1) }, () => items[random.below(items.length)]!);
const rows = Array.from({ length: n }, (): LinearRow & { clicked: boolean } => ({
  domain: random.below(2),
  userFeatureIds: [id(0, 20_000)],
  item: items[Math.floor(items.length * random.next() ** 3)]!,
  historyTarget: someItems(16),
  historySource: someItems(16),
  clicked: random.next() < 0.3,
}));

/** Thousands a second of CPU time; the best of three. Wall time says little on a machine that others use too. */
function rate(name: string, work: () => void): void {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  console.log(`${name.padEnd(60)} ${(n / best).toFixed(0).padStart(6)} k/s`);
}

const features = new LinearFeatures();
const none = new Float32Array(0);
const width = STATISTICS_COLUMNS.length;
const columns = new Float32Array(width);
let total = 0;
for (const row of rows) {
  fillLinearFeatures(features, row, none, STANDARD_CROSSES);
  total += features.length;
}
console.log(`${(total / n).toFixed(0)} features a row without statistics, crosses included`);

rate('features', () => {
  for (const row of rows) fillLinearFeatures(features, row, none, STANDARD_CROSSES);
});
for (const options of [
  { kind: 'adaptive', bits: 22, learningRate: 0.5, priorSquares: 1 },
  { kind: 'ftrl', bits: 22, alpha: 0.1, beta: 1, l1: 0, l2: 1 },
] as const) {
  const learner = linearLearner(options);
  rate(`${options.kind}: features, learn`, () => {
    for (const row of rows) {
      fillLinearFeatures(features, row, none, STANDARD_CROSSES);
      learner.learn(features, row.clicked ? 1 : 0, 1);
    }
  });
}
const learner = linearLearner({ kind: 'adaptive', bits: 22, learningRate: 0.5, priorSquares: 1 });
const statistics = new ClickStatistics({ maxKeys: 2_000_000, halfLifeMs: null });
let timeMs = 0;
rate('statistics: advance, read, update', () => {
  for (const row of rows) {
    statistics.advance(timeMs++);
    statistics.read(row.domain, row.userFeatureIds, row.item.featureIds, columns, 0);
    statistics.update(row.domain, row.userFeatureIds, row.item.featureIds, row.clicked);
  }
});
rate(`all of it, statistics as ${width} inputs with their crosses`, () => {
  for (const row of rows) {
    statistics.advance(timeMs++);
    statistics.read(row.domain, row.userFeatureIds, row.item.featureIds, columns, 0);
    statistics.update(row.domain, row.userFeatureIds, row.item.featureIds, row.clicked);
    fillLinearFeatures(features, row, columns, STANDARD_CROSSES);
    learner.learn(features, row.clicked ? 1 : 0, 1);
  }
});
