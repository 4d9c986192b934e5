/**
 * What the best possible scorer reaches on rows whose true click probabilities are known (a synthetic stream): the
 * ceiling that a learner is compared with.
 */

/**
 * Expected AUC of scoring rows by their own p, over all pairs i != j of different rows:
 * sum p_i (1 - p_j) ([p_i > p_j] + 1/2 [p_i = p_j]) / sum p_i (1 - p_j). One sort, O(n log n).
 * Null where no pair can have both classes.
 */
export function bayesAuc(p: Float64Array): number | null {
  const sorted = p.slice().sort();
  const n = sorted.length;
  let numerator = 0;
  let positives = 0;
  let negatives = 0;
  let withItself = 0;
  for (let start = 0; start < n; ) {
    const value = sorted[start]!;
    let end = start + 1;
    while (end < n && sorted[end] === value) end++;
    const ties = end - start;
    const q = 1 - value;
    numerator += ties * value * negatives + 0.5 * ties * (ties - 1) * value * q;
    positives += ties * value;
    negatives += ties * q;
    withItself += ties * value * q;
    start = end;
  }
  const pairs = positives * negatives - withItself;
  return n > 1 && pairs > 0 ? numerator / pairs : null;
}

/** Expected log loss of predicting p itself: the mean entropy H(p_i) in nats. Null without rows. */
export function bayesLogLoss(p: Float64Array): number | null {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const x = p[i]!;
    if (x > 0 && x < 1) sum -= x * Math.log(x) + (1 - x) * Math.log1p(-x);
  }
  return p.length === 0 ? null : sum / p.length;
}

/** Expected number of clicks and its standard deviation: the truth that a calibration is held against. */
export function expectedClicks(p: Float64Array): { readonly mean: number; readonly deviation: number } {
  let mean = 0;
  let variance = 0;
  for (let i = 0; i < p.length; i++) {
    mean += p[i]!;
    variance += p[i]! * (1 - p[i]!);
  }
  return { mean, deviation: Math.sqrt(variance) };
}
