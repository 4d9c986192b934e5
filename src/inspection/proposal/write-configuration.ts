import { basename, dirname, relative } from 'node:path';
import { matchFiles } from '../../sources/files/match-files.js';
import { wrapped } from '../figures.js';
import type { FeatureChoice } from './guess-features.js';
import type { LabelChoice } from './guess-label.js';
import type { Proposal } from './propose.js';
import type { LogProposal } from './propose-log.js';

const COMMENT_CHARACTERS = 110;
const WEEK_MS = 7 * 86_400_000;

/**
 * The proposal as YAML with its reasons as comments.
 *
 * @param directory of the configuration, which paths are relative to
 * @param schema path of the JSON Schema, relative to it
 */
export async function writeConfiguration(proposal: Proposal, directory: string, schema: string): Promise<string> {
  const logs = await Promise.all(proposal.logs.map((log) => entry(log, directory)));
  const { sharedFeatures, historyLength, attributionWindowMs, slowLog } = proposal;
  return [
    `# yaml-language-server: $schema=${schema}`,
    '#',
    '# Proposed by `dadin-stream init`. Every comment says what a guess was made from: correct what is wrong, then',
    '#   npx dadin-stream validate --config THIS_FILE',
    '#   npx dadin-stream replay --config THIS_FILE',
    '# All keys, with their units and defaults: docs/configuration.md.',
    '',
    'input:',
    '  kind: files',
    '  files:',
    ...logs.flat(),
    ...section(
      'features',
      sharedFeatures.map(({ value, why }) => `${value}: ${why}`),
      sharedFeatures.length === 0 ? [] : [`shared: [${sharedFeatures.map(({ value }) => scalar(value)).join(', ')}]`],
    ),
    ...section('history', [historyLength.why], [`length: ${historyLength.value}`]),
    ...section(
      'labels',
      attributionWindowMs === null ? [] : [attributionWindowMs.why],
      attributionWindowMs === null ? [] : [`attributionWindowMs: ${attributionWindowMs.value}`],
    ),
    ...(slowLog === null
      ? []
      : [
          ...section(
            'batching',
            [`${slowLog}: a step waits for its rows, at most a week`],
            [`maxBatchDelayMs: ${WEEK_MS}`],
          ),
          ...section('evaluation', ['windows are counted in clicks alone'], ['minWindowMs: 0']),
        ]),
    '',
  ].join('\n');
}

async function entry(log: LogProposal, directory: string): Promise<string[]> {
  const { domain, sample, features, eventId, kind, impressionId, userId, itemId, eventTime, label } = log;
  const lines = [
    domainLine(domain.value),
    `paths: [${(await pathsOf(log.log.files, directory)).map(scalar).join(', ')}]`,
    ...(sample.format === 'csv' || sample.format === 'jsonl' ? [`format: ${sample.format}`] : []),
    ...(sample.delimiter === null || sample.delimiter === ','
      ? []
      : [`delimiter: ${JSON.stringify(sample.delimiter)}`]),
    ...(features.listSeparator === null ? [] : [`listSeparator: ${JSON.stringify(features.listSeparator)}`]),
    'columns:',
    ...indent([
      ...(eventId === null ? [] : [...comments([eventId.why]), `eventId: ${scalar(eventId.value)}`]),
      ...(kind === null ? [] : [...comments([kind.why]), `kind: ${kindText(kind.value)}`]),
      ...(impressionId === null
        ? []
        : [...comments([impressionId.why]), `impressionId: ${scalar(impressionId.value)}`]),
      ...comments([userId.why]),
      `userId: ${scalar(userId.value)}`,
      ...comments([itemId.why]),
      `itemId: ${scalar(itemId.value)}`,
      ...comments([
        `${eventTime.why}${hasZone(eventTime.value.format) ? '; in UTC unless timeZone says otherwise' : ''}`,
      ]),
      `eventTime: { column: ${scalar(eventTime.value.column)}, format: ${scalar(eventTime.value.format)} }`,
      ...comments([label.why]),
      `label: ${labelText(label.value)}`,
      ...featureLines(
        'userFeatures',
        features.features.filter(({ side }) => side === 'user'),
      ),
      ...featureLines(
        'itemFeatures',
        features.features.filter(({ side }) => side === 'item'),
      ),
      ...comments(features.leftOut.length === 0 ? [] : [`left out: ${features.leftOut.join(', ')}`]),
    ]),
  ];
  return [...indent(comments([domain.why]), 4), `    - ${lines[0]}`, ...indent(lines.slice(1), 6)];
}

function domainLine(domain: LogProposal['domain']['value']): string {
  if (typeof domain === 'string') return `domain: ${domain}`;
  const { column, target, source } = domain;
  return `domain: { column: ${scalar(column)}, target: ${list(target)}, source: ${list(source)} }`;
}

function kindText({ column, impression, click }: NonNullable<LogProposal['kind']>['value']): string {
  return `{ column: ${scalar(column)}, impression: ${list(impression)}, click: ${list(click)} }`;
}

function labelText(label: LabelChoice): string {
  if ('always' in label) return '{ always: clicked }';
  if ('later' in label) return '{ later: true }';
  if ('atLeast' in label) return `{ column: ${scalar(label.column)}, atLeast: ${label.atLeast} }`;
  return `{ column: ${scalar(label.column)}, equals: ${list(label.equals)}, negatives: ${list(label.negatives)} }`;
}

function featureLines(key: string, features: readonly FeatureChoice[]): string[] {
  if (features.length === 0) return [];
  return [
    `${key}:`,
    ...indent(
      features.flatMap(({ name, column, list: isList, divideBy, why }) => {
        const extra = [...(isList ? ['list: true'] : []), ...(divideBy === null ? [] : [`divideBy: ${divideBy}`])];
        const value = extra.length === 0 ? scalar(column) : `{ column: ${scalar(column)}, ${extra.join(', ')} }`;
        return [...comments([why]), `${scalar(name)}: ${value}`];
      }),
    ),
  ];
}

/** One glob where it means just these files; new ones of its kind then belong to the log. */
async function pathsOf(files: readonly string[], directory: string): Promise<string[]> {
  const paths = files.map((file) => relative(directory, file).replaceAll('\\', '/'));
  if (paths.length === 1) return paths;
  const [first, last] = [paths[0]!, paths.at(-1)!];
  let same = 0;
  while (same < first.length && first[same] === last[same]) same++;
  const stem = first.slice(0, same).replace(/[\d_.T-]*$/, '');
  const ending = /(\.[a-z0-9]+(\.gz)?)$/i.exec(basename(first))?.[1] ?? '';
  const glob = `${stem}*${ending}`;
  if (dirname(first) !== dirname(glob)) return paths;
  const matched = await matchFiles([glob], directory);
  return String([...matched].sort()) === String([...files].sort()) ? [glob] : paths;
}

function section(name: string, reasons: readonly string[], lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${name}:`, ...indent([...comments(reasons), ...lines])];
}

/** Comment lines; nothing in them can end the comment. */
function comments(texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    wrapped(text.replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/g, '?'), COMMENT_CHARACTERS).map(
      (line) => `# ${line}`,
    ),
  );
}

function hasZone(format: string): boolean {
  return format !== 'ms' && format !== 's';
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
}

/** A YAML scalar that reads back as this text: plain where that is sure. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z_][\w./-]*$/.test(text) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

function indent(lines: readonly string[], spaces = 2): string[] {
  return lines.map((line) => `${' '.repeat(spaces)}${line}`);
}
