import { bug } from '../core/index.js';

/** A paired comparison over repetitions: mean of the differences with the 95 % interval of Student's t. */
export interface PairedMean {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly wins: number;
}

/** Mean and sample standard deviation; the deviation of a single value is 0. */
export function meanAndDeviation(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  if (values.length === 0) bug('a mean of nothing');
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}

/** `first[i]` and `second[i]` are of the same repetition. The interval is infinite with a single one. */
export function pairedMean(first: readonly number[], second: readonly number[]): PairedMean {
  if (first.length !== second.length) bug('paired values differ in number');
  const differences = first.map((value, i) => value - second[i]!);
  const { mean, deviation } = meanAndDeviation(differences);
  const n = differences.length;
  const width = n < 2 ? Number.POSITIVE_INFINITY : (studentT975(n - 1) * deviation) / Math.sqrt(n);
  return { mean, low: mean - width, high: mean + width, wins: differences.filter((d) => d > 0).length };
}

/**
 * Letters of the best down: whoever cannot be told from the best of those left (paired 95 % interval over the repetitions
 * holds 0) shares its letter; the first who can starts the next group. `scores[k]`: by repetition.
 */
export function significanceGroups(scores: readonly (readonly number[])[]): string[] {
  const order = scores
    .map((_, k) => k)
    .sort((a, b) => meanAndDeviation(scores[b]!).mean - meanAndDeviation(scores[a]!).mean);
  const groups = new Array<string>(scores.length).fill('');
  let letter = 0;
  let leader = order[0];
  for (const k of order) {
    if (leader !== k && pairedMean(scores[leader!]!, scores[k]!).low > 0) {
      letter++;
      leader = k;
    }
    groups[k] = String.fromCharCode('a'.charCodeAt(0) + letter);
  }
  return groups;
}

/** 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom. */
const T975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

function studentT975(degrees: number): number {
  return T975[degrees - 1] ?? 1.96 + 2.4 / degrees;
}
