import type { ClickEvent, Feature } from '../core/index.js';
import { aucInterval } from '../evaluation/auc-interval.js';
import { BinnedAuc } from '../evaluation/index.js';

/** Labelled impressions of a domain that are looked at: a leak shows at once. */
export const LEAK_ROWS = 100_000;
/** Values of a feature that are told apart; beyond it new ones are unknown. */
const MAX_VALUES = 50_000;
/** Rows of the click rate so far that every value begins with. */
const PRIOR_ROWS = 2;
/** Numbers count rounded to so many digits too: the same value may never come again. */
const DIGITS = 2;
const BINS = { bins: 2048, clip: 12 };
const ABSENT = '(absent)';

interface ValueRate {
  rows: number;
  clicks: number;
}

/** How well one feature alone tells clicks from other impressions, each judged by the rows before it. */
export interface FeatureLeak {
  /** `user.NAME` or `item.NAME`. */
  readonly name: string;
  readonly auc: number;
  /** 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** The two values that most rows have, with their click rates. */
  readonly examples: readonly { readonly value: string; readonly rows: number; readonly rate: number }[];
}

/**
 * Looks for features that know the label, such as a column written after the click. Every impression is scored by the click
 * rate that its feature's value had among the impressions before it: features that know nothing come to .5, however many
 * values they have.
 */
export class LabelLeaks {
  readonly #features = new Map<string, { readonly auc: BinnedAuc; readonly values: Map<string, ValueRate> }>();
  #rows = 0;
  #clicks = 0;

  get isFull(): boolean {
    return this.#rows >= LEAK_ROWS;
  }

  add({ userFeatures, itemFeatures }: Pick<ClickEvent, 'userFeatures' | 'itemFeatures'>, label: 0 | 1): void {
    if (this.isFull) return;
    const values = new Map<string, readonly string[]>();
    for (const [side, features] of [
      ['user', userFeatures],
      ['item', itemFeatures],
    ] as const)
      for (const feature of features) values.set(`${side}.${feature.name}`, keysOf(feature));
    for (const name of values.keys()) if (!this.#features.has(name)) this.#meet(name);
    const prior = this.#rows === 0 ? 0.5 : this.#clicks / this.#rows;
    for (const [name, { auc, values: rates }] of this.#features) {
      const keys = values.get(name) ?? [ABSENT];
      auc.add(scoreOf(keys, rates, prior), label);
      for (const key of keys) count(rates, key, label);
    }
    this.#rows++;
    this.#clicks += label;
  }

  /** Features by falling AUC; those of which nothing can be said are left out. */
  results(): FeatureLeak[] {
    const found: FeatureLeak[] = [];
    for (const [name, { auc, values }] of this.#features) {
      const summary = auc.summary();
      if (summary.auc === null || summary.aucSe === null) continue;
      const { low, high } = aucInterval(summary) ?? { low: summary.auc, high: summary.auc };
      found.push({ name, auc: summary.auc, low, high, examples: examplesOf(values) });
    }
    return found.sort((a, b) => b.auc - a.auc);
  }

  /** It was absent in all rows before. */
  #meet(name: string): void {
    const values = new Map<string, ValueRate>();
    const auc = new BinnedAuc(BINS);
    if (this.#rows > 0) values.set(ABSENT, { rows: this.#rows, clicks: this.#clicks });
    const usual = logit(this.#clicks / Math.max(1, this.#rows), PRIOR_ROWS);
    for (let i = 0; i < this.#rows; i++) auc.add(usual, i < this.#clicks ? 1 : 0);
    this.#features.set(name, { auc, values });
  }
}

function keysOf({ values }: Feature): readonly string[] {
  return values.flatMap((value) => {
    const number = value.trim() === '' ? Number.NaN : Number(value);
    const rounded = Number(number.toPrecision(DIGITS));
    return Number.isFinite(number) && rounded !== number ? [value, `about ${rounded}`] : [value];
  });
}

/** Logit of the click rate of that value which says most. */
function scoreOf(keys: readonly string[], rates: ReadonlyMap<string, ValueRate>, prior: number): number {
  const usual = logit(prior, PRIOR_ROWS);
  let score = usual;
  for (const key of keys) {
    const known = rates.get(key);
    if (known === undefined) continue;
    const rows = known.rows + PRIOR_ROWS;
    const own = logit((known.clicks + PRIOR_ROWS * prior) / rows, rows);
    if (Math.abs(own - usual) > Math.abs(score - usual)) score = own;
  }
  return score;
}

/** Kept off 0 and 1 by what so many rows can tell. */
function logit(rate: number, rows: number): number {
  const p = Math.min(1 - 0.5 / (rows + 1), Math.max(0.5 / (rows + 1), rate));
  return Math.log(p / (1 - p));
}

function count(rates: Map<string, ValueRate>, key: string, label: 0 | 1): void {
  const known = rates.get(key);
  if (known !== undefined) {
    known.rows++;
    known.clicks += label;
  } else if (rates.size < MAX_VALUES) rates.set(key, { rows: 1, clicks: label });
}

function examplesOf(values: ReadonlyMap<string, ValueRate>): FeatureLeak['examples'] {
  return [...values]
    .sort(([, a], [, b]) => b.rows - a.rows)
    .slice(0, 2)
    .map(([value, { rows, clicks }]) => ({ value: value.slice(0, 40), rows, rate: clicks / rows }));
}
