import type { Certificate } from '../../pipelines/certify.js';
import { DOMAINS } from '../core/index.js';
import type { VersionsSummary } from '../evaluation/index.js';
import type { KeptVersion, Pin, RefusedVersion } from '../versions/index.js';

/** Lineage as a table, the oldest version first. */
export function versionsText(
  path: string,
  { kept: versions, refused }: { readonly kept: readonly KeptVersion[]; readonly refused: readonly RefusedVersion[] },
  pinned: Pin | null,
  problems: readonly string[] | null,
  certificate: Certificate | null,
): string {
  const lines = [`${path}: ${versions.length === 0 ? 'no versions' : `model ${versions[0]!.manifest.name}`}`];
  if (versions.length > 0) {
    lines.push(
      'version   kind     step     events   learned until               bytes   target AUC   digest         parent',
    );
  }
  for (const { number, digest, manifest } of versions) {
    const { kind, step, events, eventTimeMs, model, parent, metrics } = manifest;
    const until = eventTimeMs === null ? '-' : new Date(eventTimeMs).toISOString().replace('.000Z', 'Z');
    lines.push(
      [
        String(number).padStart(7),
        kind.padEnd(5),
        String(step).padStart(8),
        String(events).padStart(10),
        until.padEnd(24),
        String(model.bytes).padStart(9),
        windowAuc(metrics).padStart(12),
        digest.slice(0, 12),
        parent === null ? '-' : `${parent.number} (${parent.digest.slice(0, 12)})`,
      ].join('   '),
    );
    lines.push(...scoredLines(number, versions));
    if (manifest.wholeBecause !== null) lines.push(`          full because ${manifest.wholeBecause}`);
  }
  for (const { path, manifest } of refused) {
    lines.push(`refused at step ${manifest.step}: ${manifest.refused?.join('; ')} (${path})`);
  }
  if (pinned !== null) {
    const why = pinned.reason === '' ? '' : `: ${pinned.reason}`;
    lines.push(`subscribers are held at version ${pinned.number}${why}; --release lets them go on`);
  }
  if (problems !== null) lines.push(...(problems.length === 0 ? ['all of them hold'] : problems));
  if (certificate !== null) {
    const { proven, failed } = certificate;
    lines.push(`${proven.length} of ${proven.length + failed.length} come out of the log again with the same bytes`);
    if (failed.length > 0) lines.push(`not so: version ${failed.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** What the version's rows were like, as the newest version after it that knows tells. */
function scoredLines(number: number, versions: readonly KeptVersion[]): string[] {
  // this product writes the evaluation's summary into its manifests
  const told = versions.map(({ manifest }) => manifest.scored as VersionsSummary | null | undefined);
  return DOMAINS.flatMap((domain) => {
    const own = told.findLast((scored) => scored?.[domain].some(({ version }) => version === number));
    const all = own?.[domain].find(({ version }) => version === number)?.all;
    return all === undefined ? [] : [`          scored ${all.rows} rows, ${domain}: ${figures(all)}`];
  });
}

function figures({ auc, ne, calibration }: VersionsSummary['target'][number]['all']): string {
  return `AUC ${fixed(auc)}, NE ${fixed(ne)}, calibration ${fixed(calibration)}`;
}

function fixed(value: number | null): string {
  return value === null ? '-' : value.toFixed(4);
}

/** Rolling AUC of the target domain at publication, where the metrics have one. */
function windowAuc(metrics: unknown): string {
  const target = (metrics as { target?: { window?: { auc?: unknown } } } | null)?.target;
  const auc = target?.window?.auc;
  return typeof auc === 'number' ? auc.toFixed(4) : '-';
}
