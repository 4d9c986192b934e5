import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ClickEvent, DOMAINS, type Domain, domainOf, type Feature } from '../src/core/index.js';
import { bayesAuc } from '../src/evaluation/bayes.js';
import { AppendedFile } from '../src/sinks/appended-file.js';
import {
  createSyntheticSource,
  Impressions,
  type MessageKnobs,
  type SyntheticOptions,
  type SyntheticSource,
} from '../src/sources/synthetic/index.js';

export interface SimulateOptions {
  readonly synthetic: SyntheticOptions;
  /** Directory of the files; made if missing. Files of an earlier simulation there are replaced. */
  readonly out: string;
  readonly format: 'csv' | 'jsonl';
  /** Rows of the truth written so far, of all; called every few thousand rows. */
  readonly onProgress?: (rows: number, of: number) => void;
}

interface SimulatedDomain {
  readonly impressions: number;
  readonly clicks: number;
  /** mean of the true probabilities */
  readonly expectedCtr: number | null;
  /** AUC of the true probabilities: what no learner can beat */
  readonly bayesAuc: number | null;
}

export interface SimulateReport {
  /** Paths, the ready configuration last. */
  readonly files: readonly string[];
  readonly domains: Readonly<Record<Domain, SimulatedDomain>>;
}

const CHUNK = 4096;

/**
 * Writes a synthetic two-domain click stream: `target` and `source` logs in their order, `truth.csv` (what each row's click
 * was drawn from), and `config.yaml` with which `replay` learns from the logs as they are. Memory stays bounded (9 bytes a
 * row for the Bayes ceiling). Every file appears under its name only when all are complete.
 * Throws DADIN_CONFIG_INVALID on impossible knobs, DADIN_SINK_WRITE when writing fails.
 */
export async function simulate(options: SimulateOptions): Promise<SimulateReport> {
  const { synthetic, out, format } = options;
  const source = createSyntheticSource(synthetic);
  const files = new FileSet(out);
  try {
    await writeLogs(source, synthetic.messages !== null, format, files);
    const domains = writeTruth(source, files, options.onProgress);
    files.open('config.yaml').write(configuration(synthetic, format));
    return { files: files.publish(), domains };
  } catch (error) {
    files.discard();
    throw error;
  }
}

async function writeLogs(
  source: SyntheticSource,
  messages: boolean,
  format: 'csv' | 'jsonl',
  files: FileSet,
): Promise<void> {
  await source.open(source.partitions.map(() => 0n));
  for (const [partition, { name }] of source.partitions.entries()) {
    const file = files.open(`${name}.${format}`);
    const columns = messages ? MESSAGE_COLUMNS : LABELLED_COLUMNS;
    if (format === 'csv') file.write(`${columns.map(({ name }) => name).join(',')}\n`);
    for (let last = false; !last; ) {
      const chunk = await source.read(partition, CHUNK);
      for (const record of chunk.records) if (record.ok) file.write(line(record.value, columns, format));
      last = chunk.last;
    }
  }
  await source.close();
}

interface Column {
  readonly name: string;
  /** Generated values need no quotes in CSV. */
  readonly value: (event: ClickEvent) => string | number;
}

const BODY: readonly Column[] = [
  { name: 'eventTimeMs', value: (e) => e.eventTimeMs },
  { name: 'userId', value: (e) => e.userId },
  { name: 'itemId', value: (e) => e.itemId },
];
const FEATURES: readonly Column[] = [
  { name: 'age', value: (e) => featureValue(e.userFeatures, 'age') },
  { name: 'city', value: (e) => featureValue(e.userFeatures, 'city') },
  { name: 'topic', value: (e) => featureValue(e.itemFeatures, 'topic') },
];
const EVENT_ID: Column = { name: 'eventId', value: (e) => e.eventId };
const LABELLED_COLUMNS: readonly Column[] = [
  EVENT_ID,
  ...BODY,
  { name: 'clicked', value: (e) => (e.clicked === true ? 1 : 0) },
  ...FEATURES,
];
const MESSAGE_COLUMNS: readonly Column[] = [
  EVENT_ID,
  { name: 'kind', value: (e) => e.kind },
  { name: 'impressionId', value: (e) => e.impressionId },
  ...BODY,
  ...FEATURES,
];

function line(event: ClickEvent, columns: readonly Column[], format: 'csv' | 'jsonl'): string {
  if (format === 'csv') return `${columns.map(({ value }) => value(event)).join(',')}\n`;
  return `${JSON.stringify(Object.fromEntries(columns.map(({ name, value }) => [name, value(event)])))}\n`;
}

function featureValue(features: readonly Feature[], name: string): string {
  return features.find((feature) => feature.name === name)?.values[0] ?? '';
}

function writeTruth(
  source: SyntheticSource,
  files: FileSet,
  onProgress: SimulateOptions['onProgress'],
): Record<Domain, SimulatedDomain> {
  const total = source.model.knobs.events;
  const p = new Float64Array(total);
  const code = new Uint8Array(total);
  const clicks: Record<Domain, number> = { target: 0, source: 0 };
  const file = files.open('truth.csv');
  file.write('row,domain,p,clicked,newConcept,cold,hit\n');
  const stream = new Impressions(source.model);
  while (stream.next()) {
    const { row, domain, newConcept, cold } = stream.rows;
    const name = domainOf(domain);
    p[row] = stream.p;
    code[row] = domain;
    if (stream.clicked) clicks[name]++;
    file.write(`${row},${name},${stream.p},${+stream.clicked},${+newConcept},${+cold},${+stream.hit}\n`);
    if ((row + 1) % CHUNK === 0 || row + 1 === total) onProgress?.(row + 1, total);
  }
  const summary = (domain: Domain): SimulatedDomain => {
    const own = p.filter((_, row) => domainOf(code[row]!) === domain);
    const sum = own.reduce((a, b) => a + b, 0);
    return {
      impressions: own.length,
      clicks: clicks[domain],
      expectedCtr: own.length === 0 ? null : sum / own.length,
      bayesAuc: bayesAuc(own),
    };
  };
  return { target: summary('target'), source: summary('source') };
}

/** Files that get their names together, once all are written. */
class FileSet {
  readonly #directory: string;
  readonly #open: { readonly name: string; readonly file: AppendedFile }[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  open(name: string): AppendedFile {
    const file = new AppendedFile(this.#partial(name), 0);
    this.#open.push({ name, file });
    return file;
  }

  publish(): string[] {
    for (const { file } of this.#open) file.close();
    return this.#open.map(({ name }) => {
      const path = join(this.#directory, name);
      renameSync(this.#partial(name), path);
      return path;
    });
  }

  discard(): void {
    for (const { name } of this.#open) rmSync(this.#partial(name), { force: true });
  }

  #partial(name: string): string {
    return join(this.#directory, `${name}.partial`);
  }
}

/** A configuration for the logs beside it; the model is the default one. */
function configuration({ preset, seed, messages }: SyntheticOptions, format: 'csv' | 'jsonl'): string {
  const ordering = messages === null ? '' : `ordering: {outOfOrdernessMs: ${disorderMs(messages)}}\n`;
  return `# Synthetic stream, preset ${preset}, seed ${seed}. Run it, from anywhere, with
#   npx dadin-stream replay --config PATH/OF/THIS/config.yaml
# truth.csv holds the probability each click was drawn from.
name: synthetic-${preset}
input:
  kind: files
  files:
${DOMAINS.map((domain) => fileEntry(domain, format, messages !== null)).join('')}features: {shared: [topic]}
${ordering}`;
}

function fileEntry(domain: Domain, format: 'csv' | 'jsonl', messages: boolean): string {
  const label = messages
    ? `kind: {column: kind, impression: [impression], click: [click]}
        impressionId: impressionId
        label: {later: true}`
    : `label: {column: clicked, equals: ["1"], negatives: ["0"]}`;
  return `    - domain: ${domain}
      paths: [${domain}.${format}]
      format: ${format}
      sort: never
      columns:
        eventId: eventId
        userId: userId
        itemId: itemId
        eventTime: {column: eventTimeMs, format: ms}
        ${label}
        userFeatures: {age: age, city: city}
        itemFeatures: {topic: topic}
`;
}

/** How far a message can lag behind the newest of its log: its jitter, its lateness, and once more for a second copy. */
function disorderMs({ jitterMs, lateMs }: MessageKnobs): number {
  return 2 * jitterMs + lateMs;
}
