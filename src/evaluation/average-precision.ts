/**
 * Area under the precision-recall curve as average precision, sum over thresholds of (recall step) x precision, rows of
 * equal score taken together (scikit-learn's definition). `positives[g]` and `negatives[g]` count the rows of score group
 * g, ascending. Null without positives. Its floor is the click rate, not one half.
 */
export function averagePrecision(positives: ArrayLike<number>, negatives: ArrayLike<number>): number | null {
  let truePositives = 0;
  let predicted = 0;
  let sum = 0;
  for (let g = positives.length - 1; g >= 0; g--) {
    const hits = positives[g]!;
    truePositives += hits;
    predicted += hits + negatives[g]!;
    if (hits > 0) sum += (hits * truePositives) / predicted;
  }
  return truePositives === 0 ? null : sum / truePositives;
}
