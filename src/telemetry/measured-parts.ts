import type { Adaptation, EventChunk, EventSource, Learner, SampleBatch, StepReport } from '../core/index.js';
import type { Histograms } from './histograms.js';
import { overriding } from './overriding.js';
import type { BatchDescription, RunTracer } from './run-tracer.js';

/** Told how long things took; one call a batch or a step. */
interface Stopwatch {
  consumed(records: number): void;
  scored(batch: { readonly size: number }, milliseconds: number): void;
  trained(report: StepReport, milliseconds: number): void;
}

export interface Measuring {
  readonly tracer: RunTracer;
  readonly histograms: Histograms;
  readonly stopwatch: Stopwatch;
}

/** The source, its reads measured as the semantic conventions for messaging say, once a batch. */
export function measuredSource<S extends EventSource>(source: S, { tracer, histograms, stopwatch }: Measuring): S {
  const attributes = { 'messaging.system': messagingSystem(source), 'messaging.operation.name': 'poll' };
  const read = async (partition: number, maxRecords: number): Promise<EventChunk> => {
    const startedMs = performance.now();
    const chunk = await tracer.batch(
      attributes,
      () => source.read(partition, maxRecords),
      (read) => describeChunk(read, source),
    );
    histograms.receiveDuration.record((performance.now() - startedMs) / 1000, attributes);
    stopwatch.consumed(chunk.records.length);
    return chunk;
  };
  return overriding<S>(source, { read } as Partial<S>);
}

/** What the records come from, as the semantic conventions name it. */
export function messagingSystem({ name }: EventSource): string {
  return name.startsWith('kafka') ? 'kafka' : 'file';
}

function describeChunk(chunk: EventChunk, { partitions }: EventSource): BatchDescription {
  return {
    attributes: {
      'messaging.destination.name': partitions[chunk.partition]?.name ?? String(chunk.partition),
      'messaging.batch.message_count': chunk.records.length,
    },
    producers: chunk.producers ?? [],
  };
}

type Calls = Pick<Learner, 'score' | 'train'>;

/** The learner, its calls measured as the front half waits for them. */
export function measuredLearner(learner: Calls, { tracer, histograms, stopwatch }: Measuring): Calls {
  return overriding(learner, {
    async score(batch: SampleBatch): Promise<Float32Array> {
      const startedMs = performance.now();
      const { size } = batch; // before it moves to the other thread
      const logits = await learner.score(batch);
      const milliseconds = performance.now() - startedMs;
      histograms.scoreDuration.record(milliseconds / 1000);
      stopwatch.scored({ size }, milliseconds);
      return logits;
    },
    async train(batch: SampleBatch, eventTimeMs: number, adaptation?: Adaptation | null): Promise<StepReport> {
      const startedMs = performance.now();
      const report = await tracer.step(batch.size, () => learner.train(batch, eventTimeMs, adaptation));
      const milliseconds = performance.now() - startedMs;
      histograms.stepDuration.record(milliseconds / 1000);
      stopwatch.trained(report, milliseconds);
      return report;
    },
  });
}
