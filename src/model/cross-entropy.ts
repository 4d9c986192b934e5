/** 1 / (1 + e^-x) without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** Cross-entropy of a logit, -[t ln s(x) + (1-t) ln(1 - s(x))], in the form that neither overflows nor takes ln 0. */
export function crossEntropy(logit: number, target: number): number {
  return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
}
