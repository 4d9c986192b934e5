import { bytes, dateTime, table } from '../inspection/figures.js';
import { metricsIn, type VersionDiff, type WholeVersion } from '../inspection/version-diff.js';
import { distanceRows, metricRows, metricsTable, signed } from './inspect-text.js';

/** Hex digits of a digest that are shown. */
const DIGEST_DIGITS = 12;

export function versionText(path: string, { manifest, digest, tensors, columns }: WholeVersion): string {
  const { number, kind, wholeBecause, refused, parent, step, events, eventTimeMs, configDigest, model } = manifest;
  return [
    `${path}: every digest holds`,
    '',
    `version     ${number} (${kind}${wholeBecause === null ? '' : `: ${wholeBecause}`})`,
    ...(refused ?? []).map((reason) => `refused     ${reason}`),
    `parent      ${parent === null ? 'none' : `${parent.number} (${parent.digest.slice(0, DIGEST_DIGITS)})`}`,
    `step        ${step}`,
    `events      ${events}`,
    `event time  ${dateTime(eventTimeMs)}`,
    `digest      ${digest}`,
    `config      ${configDigest} (learning keys)`,
    `size        ${bytes(model.bytes)}`,
    '',
    'metrics: scored before learned from',
    ...metricsTable(metricsIn(manifest)),
    '',
    'whole, with all that it goes back to',
    ...table(
      [
        ...[...tensors.values()].map(({ name, shape }) => [name, `[${shape.join(', ')}]`]),
        ...[...columns].map(([name, { rows }]) => [name, `[${rows.shape.join(', ')}]`]),
      ],
      '  ',
    ),
    '',
  ].join('\n');
}

export function versionDiffText(paths: readonly [string, string], diff: VersionDiff): string {
  const { a, b, scorer, metrics, distances, incomparable, tables } = diff;
  return [
    `A  ${paths[0]}`,
    `B  ${paths[1]}`,
    '',
    ...table([
      ['', 'A', 'B', 'B - A'],
      ['version', String(a.number), String(b.number), ''],
      ['step', String(a.step), String(b.step), signed(b.step - a.step, 0)],
      ['events', String(a.events), String(b.events), signed(b.events - a.events, 0)],
      ['event time', dateTime(a.eventTimeMs), dateTime(b.eventTimeMs), ''],
    ]),
    '',
    `line: ${a.lineage === b.lineage ? 'the same' : 'another'}; learning keys: ${a.configDigest === b.configDigest ? 'the same' : 'others'}`,
    ...scorer.map(({ key, a, b }) => `  ${key}: ${JSON.stringify(a)} -> ${JSON.stringify(b)}`),
    '',
    'metrics',
    ...metricRows(metrics),
    '',
    'rows by id',
    ...table(
      [
        ['', 'both', 'changed', 'only A', 'only B'],
        ...tables.map(({ name, both, changed, onlyA, onlyB }) => [name, ...[both, changed, onlyA, onlyB].map(String)]),
      ],
      '  ',
    ),
    '',
    'weights',
    ...distanceRows([...distances, ...tables.flatMap(({ distance }) => distance ?? [])]),
    ...incomparable.map((text) => `  not compared: ${text}`),
    '',
  ].join('\n');
}
