import type { Config } from '../src/config/index.js';
import { DOMAIN_CODE, DOMAINS, type Domain } from '../src/core/index.js';
import { bayesAuc } from '../src/evaluation/bayes.js';
import { createSyntheticSource } from '../src/sources/synthetic/index.js';

/** Streams beyond this are not generated a second time for their truth (30 bytes a row). */
const MAX_ROWS = 2_000_000;

/** AUC of the true click probabilities of a synthetic stream, which no learner can beat; null where truth is not known. */
export function bayesCeiling({ input }: Config): Readonly<Record<Domain, number | null>> | null {
  if (input.kind !== 'synthetic') return null;
  const source = createSyntheticSource(input.synthetic);
  if (source.model.knobs.events > MAX_ROWS) return null;
  const { p, domain } = source.truth();
  const of = (name: Domain): number | null => bayesAuc(p.filter((_, i) => domain[i] === DOMAIN_CODE[name]));
  return Object.fromEntries(DOMAINS.map((name) => [name, of(name)])) as Record<Domain, number | null>;
}
