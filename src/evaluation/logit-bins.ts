/** `bins` equal bins over logits clipped to [-clip, clip]; monotone in the logit, which the AUC's bound rests on. */
export interface LogitBins {
  readonly bins: number;
  readonly clip: number;
}

/** Of figures that are kept for many slices or versions; beyond a logit of 12 all scores are ties. */
export const COARSE_BINS: LogitBins = { bins: 1024, clip: 12 };

/** Bin of a logit, 0 .. bins - 1. */
export function logitBin(logit: number, { bins, clip }: LogitBins): number {
  const clipped = Math.max(-clip, Math.min(clip, Math.fround(logit)));
  const bin = Math.floor(((clipped + clip) / (2 * clip)) * bins);
  return bin < bins ? bin : bins - 1;
}

export function sameBins(a: LogitBins, b: LogitBins): boolean {
  return a.bins === b.bins && a.clip === b.clip;
}
