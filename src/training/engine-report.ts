import { DOMAIN_CODE, type SampleBatch } from '../core/index.js';

/** Mean (v_user, v_targetHist, v_sourceHist) of the target rows of one label; `interest` [B,3]. Null without such rows. */
export function interestMeans(
  { size, domain, label }: SampleBatch,
  interest: Float64Array | null,
  wanted: 0 | 1,
): readonly [number, number, number] | null {
  if (interest === null) return null;
  const sum: [number, number, number] = [0, 0, 0];
  let rows = 0;
  for (let i = 0; i < size; i++) {
    if (domain[i] !== DOMAIN_CODE.target || label[i] !== wanted) continue;
    for (const k of [0, 1, 2] as const) sum[k] += interest[i * 3 + k]!;
    rows++;
  }
  return rows === 0 ? null : [sum[0] / rows, sum[1] / rows, sum[2] / rows];
}
