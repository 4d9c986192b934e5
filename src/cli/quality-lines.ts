import { DOMAINS } from '../core/index.js';
import type { BadDayCard, BadDays, VersionsSummary } from '../evaluation/index.js';

/** Cards shown of a domain, the newest. */
const CARDS = 3;

/** Why the ranking of a domain fell, two lines a card. */
export function badDayLines(badDays: BadDays): string[] {
  return DOMAINS.flatMap((domain) => badDays[domain].slice(-CARDS).flatMap(cardLines));
}

function cardLines(card: BadDayCard): string[] {
  const { domain, row, eventTimeMs, aucBefore, aucAfter, z, rowsAfter, slices, first } = card;
  const [likeliest, ...others] = slices;
  const blamed =
    likeliest === undefined
      ? 'no slice stands out'
      : `${likeliest.dimension} ${likeliest.value} (${percent(likeliest.shareBefore)} of rows before, ${percent(likeliest.shareAfter)} after; ranked wrongly ${share(likeliest.errorBefore)} before, ${share(likeliest.errorAfter)} after)`;
  const also = others.length === 0 ? '' : `, or ${others.map((one) => `${one.dimension} ${one.value}`).join(', ')}`;
  return [
    `bad day     ${domain}: AUC ${aucBefore.toFixed(3)} before, ${aucAfter.toFixed(3)} in ${rowsAfter} rows up to row ${row} (${time(eventTimeMs)}), ${z.toFixed(1)} standard errors`,
    `            ${blamed}${also}; first at ${first.partition}:${first.offset} (${time(first.eventTimeMs)})`,
  ];
}

/** A line a version and domain. */
export function versionLines(versions: VersionsSummary | null): string[] {
  if (versions === null) return [];
  return DOMAINS.flatMap((domain) =>
    versions[domain].map(({ version, all }) => {
      const name = version === 0 ? 'before the first version' : `version ${version}`;
      const { rows, auc, ne, calibration } = all;
      return `scored by   ${name}, ${domain}: ${rows} rows, AUC ${share(auc)}, NE ${share(ne)}, calibration ${share(calibration)}`;
    }),
  );
}

function share(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function time(eventTimeMs: number): string {
  return new Date(eventTimeMs).toISOString();
}
