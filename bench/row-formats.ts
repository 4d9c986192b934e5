/**
 * What `publish.rows` costs: a version every ten steps in each format, all three score every impression of a log before it is
 * learned, and the AUC of halves and bytes is paired with that of whole floats. Bytes are those of the last full version.
 *
 *   npm run build && node dist/bench/row-formats.js CONFIG.yaml [--set PATH=VALUE ...]
 */
import { loadavg } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { lastValueFrom, tap } from 'rxjs';
import { createFold, createLearner, createSource, engineOptions } from '../pipelines/assembly.js';
import { inFullChunks } from '../pipelines/full-chunks.js';
import { flush, type LearnParts, learn, type SettledTurn } from '../pipelines/learn.js';
import { loadConfig } from '../src/config/index.js';
import { DOMAIN_CODE, DOMAINS, type Learner, type SampleBatch, type ServingPart } from '../src/core/index.js';
import { aucDifference, ScoreTable } from '../src/evaluation/index.js';
import { createFusedOps } from '../src/kernel/fused-ops.js';
import { ReorderBuffer } from '../src/ordering/index.js';
import { ScoringRows } from '../src/parameters/index.js';
import { RowCollector } from '../src/training/engine-rows.js';
import { decodeServing, encodeServing, type RowFormat, shapesOf } from '../src/versions/index.js';
import { dadinModel, zooModel } from '../src/zoo/index.js';

const FORMATS: readonly RowFormat[] = ['float32', 'float16', 'int8'];
const EVERY_STEPS = 10;

const { values, positionals } = parseArgs({
  options: { set: { type: 'string', multiple: true, default: [] } },
  allowPositionals: true,
});
const path = resolve(positionals[0] ?? '');
const config = await loadConfig(path, { env: {}, overrides: values.set });
const { model: options, baseline } = engineOptions(config);
const model = baseline === null ? dadinModel(options) : zooModel(baseline);
const ops = await createFusedOps();

/** A subscriber that takes in versions of one format. */
class Subscriber {
  readonly #flat = ops.adam.floats(model.layout.length);
  readonly #rows = new ScoringRows(model.rowWidth);
  readonly #collector = new RowCollector();
  readonly #format: RowFormat;

  constructor(format: RowFormat) {
    this.#format = format;
  }

  load(part: ServingPart): void {
    const { wholeBecause } = part;
    const layout = { tables: shapesOf(part.tables), wholeBecause, rows: this.#format };
    const { tensors, tables } = decodeServing(encodeServing(part, this.#format), layout);
    const byName = new Map(tensors.map(({ name, data }) => [name, data]));
    for (const { name, data } of model.layout.tensors(this.#flat)) data.set(byName.get(name) ?? data);
    this.#rows.apply(tables[0]!, wholeBecause !== null);
  }

  score(batch: SampleBatch): Float32Array {
    const { rows, ...features } = this.#collector.collect(batch, (id) => this.#rows.rowOf(id));
    const embeddingRows = Math.max(1, rows.length);
    const embeddings = new Float32Array(embeddingRows * model.rowWidth);
    this.#rows.read(rows, embeddings);
    return model.logits(ops, this.#flat, { batch, embeddings, embeddingRows, ...features });
  }
}

const learner: Learner = await createLearner(config);
const subscribers = FORMATS.map((format) => new Subscriber(format));
const scored: Float32Array[][] = [];
let steps = 0;
let tail: Promise<unknown> = Promise.resolve();
/** One after the other, so that versions lie between the same steps in every run. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = tail.then(work);
  tail = done;
  return done;
}
async function publish(): Promise<void> {
  const part = await learner.serving(null);
  await learner.published();
  for (const subscriber of subscribers) subscriber.load(part);
}
const observed: LearnParts['learner'] = {
  score: (batch) =>
    inTurn(async () => {
      if (steps === 0) await publish();
      scored.push(subscribers.map((subscriber) => subscriber.score(batch)));
      return await learner.score(structuredClone(batch));
    }),
  train: (batch, eventTimeMs, adaptation) =>
    inTurn(async () => {
      const report = await learner.train(batch, eventTimeMs, adaptation);
      if (++steps % EVERY_STEPS === 0) await publish();
      return report;
    }),
};

const source = await createSource(config, dirname(path));
const fold = await createFold(config);
fold.positions.bind(source.partitions);
await source.open(fold.positions.next());
const parts: LearnParts = {
  source: inFullChunks(source),
  order: new ReorderBuffer(config.ordering, fold.positions.starts(), null),
  fold,
  learner: observed,
  deadLetters: () => {},
  checkpoint: { isDue: () => false, save: async () => {} },
  stop: new AbortController().signal,
};
const scores = new ScoreTable(FORMATS.length);
function record({ turn, predictions }: SettledTurn): void {
  const logits = turn.score.length === 0 ? [] : scored.shift()!;
  turn.score.forEach((sample, i) => {
    scores.add(
      sample,
      logits.map((of) => of[i]!),
    );
  });
  for (const { sequence, label } of predictions) scores.label(sequence, label);
}
await lastValueFrom(learn(parts).pipe(tap(record)), { defaultValue: null });
record(await flush(parts));
const whole = await learner.serving('the end');
await learner.close();
await source.close();

for (const domain of DOMAINS) {
  const rows = scores.rows(DOMAIN_CODE[domain]);
  const labels = scores.labelsOf(rows);
  const exact = scores.logitsOf(0, rows);
  for (const [k, format] of FORMATS.entries()) {
    const found = aucDifference(scores.logitsOf(k, rows), exact, labels);
    const line = {
      domain,
      rows: rows.length,
      format,
      auc: found?.first,
      difference: found?.difference,
      low: found?.low,
      high: found?.high,
    };
    process.stdout.write(`${JSON.stringify({ ...line, fullBytes: encodeServing(whole, format).length })}\n`);
  }
}
process.stdout.write(`${JSON.stringify({ steps, events: fold.counts.events, loadAverage: loadavg()[0] })}\n`);
