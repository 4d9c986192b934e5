import { type ClickEvent, type Domain, type Feature, SeededRandom } from '../../../../src/core/index.js';
import { BadDayWatch } from '../../../../src/evaluation/index.js';
import { impression } from '../../pipelines/small-fold.js';
import { item, sample } from '../../sample.js';

const CATEGORIES = ['sport', 'politics', 'culture', 'science', 'travel', 'food'];
const AGES = ['young', 'middle', 'old'];
/** Weights of a category and an age in the true logit. */
const TASTE = [1.5, -1.5, 0.7, -0.7, 2, -2];
const AGE = [0.5, 0, -0.5];
const BASE = -1;
const ITEM = item(1);

/** What a stream does at its i-th row; the score is always that of the world as it was at first. */
export interface Plan {
  readonly seed: number;
  readonly rows: number;
  readonly domain?: Domain;
  /** The world says the opposite of what the score expects. */
  flips?(row: PlannedRow): boolean;
  /** The score is made of this category instead of the row's own, and the record shows it. */
  sees?(row: PlannedRow): string;
  readonly schemaId?: (row: PlannedRow) => number;
  /** Names of the item's features, in place of `category`. */
  featureName?(row: PlannedRow): string;
}

interface PlannedRow {
  readonly i: number;
  readonly category: string;
  readonly age: string;
  readonly partition: string;
  readonly history: number;
}

/** Position of row i: partitions take turns. */
const PARTITIONS = ['ads/0', 'ads/1', 'ads/2'];
export function placeOf(i: number): { readonly partition: string; readonly offset: number } {
  return { partition: PARTITIONS[i % PARTITIONS.length]!, offset: Math.floor(i / PARTITIONS.length) };
}

/** A learner that knows the world as it was at first, and a world that goes to plan; `watch` sees every row. */
export function play(plan: Plan, watch = new BadDayWatch(), from = 0): BadDayWatch {
  for (let i = from; i < plan.rows; i++) {
    const random = new SeededRandom(plan.seed, `row ${i}`);
    const category = CATEGORIES[random.below(CATEGORIES.length)]!;
    const age = AGES[random.below(AGES.length)]!;
    const { partition, offset } = placeOf(i);
    const row: PlannedRow = { i, category, age, partition, history: random.below(40) };
    const seen = plan.sees?.(row) ?? category;
    const taste = (of: string): number => TASTE[CATEGORIES.indexOf(of)] ?? 0;
    const truth = BASE + taste(category) + AGE[AGES.indexOf(age)]!;
    const clicked = random.next() < 1 / (1 + Math.exp(-truth));
    const shown = sample(i, {
      domain: plan.domain === 'source' ? 0 : 1,
      label: clicked !== (plan.flips?.(row) ?? false) ? 1 : 0,
      historyTarget: Array(row.history).fill(ITEM),
      item: ITEM,
      logit: Math.fround(BASE + taste(seen) + AGE[AGES.indexOf(age)]!),
    });
    watch.shown(eventOf(plan, row, seen), shown, partition, BigInt(offset));
    watch.judged(shown);
  }
  return watch;
}

function eventOf(plan: Plan, row: PlannedRow, seen: string): ClickEvent {
  const feature = (name: string, value: string): Feature => ({ name, values: [value] });
  return impression({
    eventId: `e${row.i}`,
    domain: plan.domain ?? 'target',
    userFeatures: [feature('age', row.age)],
    itemFeatures: [feature(plan.featureName?.(row) ?? 'category', seen)],
    ...(plan.schemaId === undefined ? {} : { schemaId: plan.schemaId(row) }),
  });
}
