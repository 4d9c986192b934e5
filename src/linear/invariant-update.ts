/**
 * The importance-invariant step for logistic loss (Karampatziakis and Langford 2011, table 1): the limit of infinitely
 * many infinitely small gradient steps that add up to `rate`, so it never overshoots however large the rate.
 *
 * `logit` before the step; `label` -1 or 1; `sensitivity`: how much the logit moves for a unit of update. Returns the
 * update: the logit moves by update x sensitivity.
 */
export function invariantUpdate(logit: number, label: number, rate: number, sensitivity: number): number {
  const margin = label * logit;
  const odds = Math.exp(margin);
  const step = rate * sensitivity;
  // the plain gradient: exact to rounding, where the closed form would divide by almost nothing
  if (step < 1e-6) return (label * rate) / (1 + odds);
  // the margin m after the step solves m + e^m = margin + e^margin + step, so m = x - W(e^x) with x the right side
  return (label * (omegaResidual(margin + odds + step) - margin)) / sensitivity;
}

/** x - W(e^x), the m with m + e^m = x, by Newton's method from the asymptotes. */
function omegaResidual(x: number): number {
  let m = x > 1 ? Math.log(x) : x;
  for (let iteration = 0; iteration < 50; iteration++) {
    const e = Math.exp(m);
    const change = (m + e - x) / (1 + e);
    m -= change;
    if (Math.abs(change) < 1e-12 * (1 + Math.abs(m))) break;
  }
  return m;
}
