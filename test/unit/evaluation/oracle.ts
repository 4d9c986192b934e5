import fc from 'fast-check';

/** Batch definitions, written for clearness: the oracles of the incremental metrics. */
export interface Pair {
  readonly logit: number;
  readonly label: 0 | 1;
}

/** Few distinct scores, so ties are the rule. */
export const tiedPair: fc.Arbitrary<Pair> = fc.record({
  logit: fc.integer({ min: -6, max: 6 }).map((n) => n / 2),
  label: fc.constantFrom(0 as const, 1 as const),
});

export const pair: fc.Arbitrary<Pair> = fc.oneof(
  tiedPair,
  fc.record({
    logit: fc.float({ min: -40, max: 40, noNaN: true }),
    label: fc.constantFrom(0 as const, 1 as const),
  }),
);

export function twiceU(rows: readonly Pair[]): number {
  let sum = 0;
  for (const positive of rows) {
    if (positive.label === 0) continue;
    for (const negative of rows) {
      if (negative.label === 1) continue;
      sum += positive.logit > negative.logit ? 2 : positive.logit === negative.logit ? 1 : 0;
    }
  }
  return sum;
}

export function auc(rows: readonly Pair[]): number | null {
  const positives = rows.filter((row) => row.label === 1).length;
  const pairs = positives * (rows.length - positives);
  return pairs === 0 ? null : twiceU(rows) / (2 * pairs);
}

/** DeLong's standard error from the placements, pair by pair. */
export function delong(rows: readonly Pair[]): number | null {
  const positives = rows.filter((row) => row.label === 1);
  const negatives = rows.filter((row) => row.label === 0);
  if (positives.length < 2 || negatives.length < 2) return null;
  const wins = (p: Pair, n: Pair): number => (p.logit > n.logit ? 1 : p.logit === n.logit ? 0.5 : 0);
  const v10 = positives.map((p) => negatives.reduce((sum, n) => sum + wins(p, n), 0) / negatives.length);
  const v01 = negatives.map((n) => positives.reduce((sum, p) => sum + wins(p, n), 0) / positives.length);
  return Math.sqrt(variance(v10) / v10.length + variance(v01) / v01.length);
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
}

function probability(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

export function meanLogLoss(rows: readonly Pair[]): number | null {
  if (rows.length === 0) return null;
  const sum = rows.reduce((s, { logit, label }) => s + Math.log1p(Math.exp(label === 1 ? -logit : logit)), 0);
  return sum / rows.length;
}

export function normalizedEntropy(rows: readonly Pair[]): number | null {
  const rate = rows.filter((row) => row.label === 1).length / rows.length;
  if (!(rate > 0 && rate < 1)) return null;
  return meanLogLoss(rows)! / -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
}

export function copc(rows: readonly Pair[]): number | null {
  const clicks = rows.filter((row) => row.label === 1).length;
  return clicks === 0 ? null : rows.reduce((sum, row) => sum + probability(row.logit), 0) / clicks;
}

/** Equal-mass calibration error with ties in order of arrival, or (`shared`) shared between groups in proportion. */
export function equalMassEce(rows: readonly Pair[], groups: number, shared: boolean): number {
  const sorted = rows.toSorted((a, b) => a.logit - b.logit);
  const gaps = sorted.map((row) => {
    const same = shared ? sorted.filter((other) => other.logit === row.logit) : [row];
    return same.reduce((sum, other) => sum + probability(other.logit) - other.label, 0) / same.length;
  });
  let total = 0;
  for (let g = 0; g < groups; g++) {
    const from = Math.floor((g * rows.length) / groups);
    const to = Math.floor(((g + 1) * rows.length) / groups);
    total += Math.abs(gaps.slice(from, to).reduce((sum, gap) => sum + gap, 0));
  }
  return total / rows.length;
}

/** Precision at each distinct threshold from the top, weighted by the recall it adds. */
export function averagePrecisionOf(rows: readonly Pair[]): number | null {
  const clicks = rows.filter((row) => row.label === 1).length;
  if (clicks === 0) return null;
  let sum = 0;
  for (const threshold of new Set(rows.map((row) => row.logit))) {
    const above = rows.filter((row) => row.logit >= threshold);
    const hits = above.filter((row) => row.label === 1).length;
    const added = rows.filter((row) => row.logit === threshold && row.label === 1).length;
    sum += (added / clicks) * (hits / above.length);
  }
  return sum;
}
