import type { CheckpointManifest } from '../checkpoint/index.js';
import { DOMAINS } from '../core/index.js';
import type { EvaluationSummary } from '../evaluation/index.js';
import type { CheckpointDiff } from '../inspection/checkpoint-diff.js';
import {
  type CheckpointReport,
  type ListedCheckpoint,
  metricsOf,
  sizeOf,
  type TensorReport,
} from '../inspection/checkpoint-report.js';
import { bytes, dateTime, fixed, percent, table } from '../inspection/figures.js';
import { shellWord } from './shell-word.js';

/** Hex digits of a digest that are shown: enough to tell two apart. */
const DIGEST_DIGITS = 12;

export function directoryText(listed: readonly ListedCheckpoint[]): string {
  const rows = listed.map(({ path, manifest, damage }) =>
    manifest === null
      ? [path, damage]
      : [
          path,
          String(manifest.step),
          String(manifest.events),
          dateTime(manifest.eventTimeMs),
          ...DOMAINS.map((domain) => fixed(metricsOf(manifest)[domain].auc)),
          bytes(sizeOf(manifest)),
          manifest.digest.slice(0, DIGEST_DIGITS),
        ],
  );
  const newest = listed.at(-1)!.path;
  return [
    ...table([['checkpoint', 'step', 'events', 'event time', 'target AUC', 'source AUC', 'size', 'digest'], ...rows]),
    '',
    'next',
    `  npx dadin-stream inspect ${shellWord(newest)}`,
    ...(listed.length < 2
      ? []
      : [`  npx dadin-stream inspect --diff ${shellWord(listed[0]!.path)} ${shellWord(newest)}`]),
    '',
  ].join('\n');
}

export function reportText({ path, manifest, metrics, model, optimizer, lineage }: CheckpointReport): string {
  const dense = model.filter(({ name }) => !name.startsWith('embedding.'));
  const rows = model.find(({ name }) => name === 'embedding.rows')?.shape ?? [];
  const settings = Object.entries(manifest.backendSettings).map(([key, value]) => `${key} ${value}`);
  return [
    `${path}: every digest holds`,
    '',
    `step        ${manifest.step}`,
    `events      ${manifest.events}`,
    `event time  ${dateTime(manifest.eventTimeMs)}`,
    `digest      ${manifest.digest}`,
    `config      ${manifest.configDigest} (learning keys)`,
    `backend     ${[manifest.backend, ...settings].join(', ')}`,
    '',
    'positions: the next record to read',
    ...Object.entries(manifest.positions).map(([partition, position]) => `  ${partition}  ${position}`),
    '',
    'metrics: scored before learned from',
    ...metricsTable(metrics),
    '',
    `model.safetensors: ${denseParameters(dense)} dense parameters, ${rows[0] ?? 0} embedding rows of ${rows[1] ?? 0}`,
    ...tensorTable(model),
    '',
    'optimizer.safetensors',
    ...tensorTable(optimizer),
    '',
    'files',
    ...table(
      Object.entries(manifest.files).map(([name, file]) => [
        name,
        bytes(file.bytes),
        file.sha256.slice(0, DIGEST_DIGITS),
      ]),
      '  ',
    ),
    '',
    ...lineageText(manifest, lineage),
    '',
  ].join('\n');
}

export function diffText(paths: readonly [string, string], diff: CheckpointDiff): string {
  const { a, b, config, metrics, distances, incomparable, rows, positions } = diff;
  return [
    `A  ${paths[0]}`,
    `B  ${paths[1]}`,
    '',
    ...table([
      ['', 'A', 'B', 'B - A'],
      ['step', String(a.step), String(b.step), signed(b.step - a.step, 0)],
      ['events', String(a.events), String(b.events), signed(b.events - a.events, 0)],
      ['event time', dateTime(a.eventTimeMs), dateTime(b.eventTimeMs), ''],
      [
        'digest',
        a.digest.slice(0, DIGEST_DIGITS),
        b.digest.slice(0, DIGEST_DIGITS),
        a.digest === b.digest ? 'equal' : '',
      ],
    ]),
    '',
    config.length === 0 ? 'configuration: the same' : 'configuration',
    ...config.map(
      ({ key, learning, a, b }) =>
        `  ${key}: ${JSON.stringify(a)} -> ${JSON.stringify(b)}${learning ? '' : '  (not learning)'}`,
    ),
    '',
    positions.length === 0 ? 'positions: the same' : 'positions',
    ...positions.map(({ partition, a, b }) => `  ${partition}: ${a ?? '-'} -> ${b ?? '-'}`),
    '',
    'metrics',
    ...metricRows(metrics),
    '',
    `weights: ${rows.both} embedding rows in both (${rows.changed} changed), ${rows.onlyA} only in A, ${rows.onlyB} only in B`,
    ...distanceRows(distances),
    ...incomparable.map((text) => `  not compared: ${text}`),
    '',
  ].join('\n');
}

export function metricRows(metrics: CheckpointDiff['metrics']): string[] {
  return table(
    [
      ['', 'A', 'B', 'B - A'],
      ...metrics.map(({ domain, metric, a, b }) => {
        const digits = metric === 'rows' || metric === 'positives' ? 0 : 4;
        const difference = a === null || b === null ? '-' : signed(b - a, digits);
        return [`${domain} ${metric}`, fixed(a, digits), fixed(b, digits), difference];
      }),
    ],
    '  ',
  );
}

export function distanceRows(distances: CheckpointDiff['distances']): string[] {
  return table(
    [
      ['', 'values', 'rms change', 'relative', 'greatest'],
      ...distances.map(({ name, values, rms, relative, greatest }) => [
        name,
        String(values),
        rms.toPrecision(3),
        percent(relative),
        greatest.toPrecision(3),
      ]),
    ],
    '  ',
  );
}

export function metricsTable(metrics: EvaluationSummary): string[] {
  const rows = DOMAINS.map((domain) => {
    const m = metrics[domain];
    const figures = [m.auc, m.aucLow, m.aucHigh, m.window.auc, m.logLoss, m.ne, m.calibration].map((x) => fixed(x));
    return [domain, ...figures, String(m.rows), String(m.positives)];
  });
  const head = ['', 'AUC', 'low', 'high', 'last window', 'log loss', 'NE', 'calibration', 'rows', 'clicks'];
  return table([head, ...rows], '  ');
}

function tensorTable(tensors: readonly TensorReport[]): string[] {
  return table(
    tensors.map(({ name, shape, type, bytes: size }) => [name, `[${shape.join(', ')}]`, type, bytes(size)]),
    '  ',
  );
}

function denseParameters(tensors: readonly TensorReport[]): number {
  return tensors.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
}

function lineageText(manifest: CheckpointManifest, lineage: CheckpointReport['lineage']): string[] {
  const note = manifest.migratedFrom;
  const migrated =
    note === undefined
      ? []
      : [
          `migrated from ${note.checkpoint} (digest ${note.digest.slice(0, DIGEST_DIGITS)})`,
          `  changed  ${note.changedKeys.join(', ')}`,
          `  anew     ${note.startedAnew.length === 0 ? 'nothing' : note.startedAnew.join(', ')}`,
        ];
  if (lineage.length === 0) return migrated.length > 0 ? migrated : ['lineage: the first of its run'];
  const chain = lineage.map(({ number, step }) =>
    step === null ? `${number} (no longer kept)` : `${number} (step ${step})`,
  );
  return [`lineage: ${manifest.number} <- ${chain.join(' <- ')}`, ...migrated];
}

export function signed(value: number, digits: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;
}
