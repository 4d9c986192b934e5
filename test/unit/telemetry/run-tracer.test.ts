import { context, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, expect, it } from 'vitest';
import { RunSampler } from '../../../src/telemetry/run-sampler.js';
import { RunTracer } from '../../../src/telemetry/run-tracer.js';

const PRODUCER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

afterEach(() => {
  trace.disable();
  context.disable();
});

function collecting(share: number): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new TracerProvider({ sampler: new RunSampler(share), spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  return exporter;
}

async function batchesStepAndCheckpoint(tracer: RunTracer): Promise<void> {
  const read = { attributes: { 'messaging.batch.message_count': 3 }, producers: [PRODUCER, 'nonsense'] };
  await tracer.batch(
    {},
    async () => 1,
    () => ({ ...read, producers: [] }),
  );
  await tracer.batch(
    {},
    async () => 2,
    () => read,
  );
  await tracer.step(32, async () => 3);
  await tracer.rare('checkpoint', async () => {});
}

function named(exporter: InMemorySpanExporter, name: string): ReadableSpan[] {
  return exporter.getFinishedSpans().filter((span) => span.name === name);
}

it('a step is the child of the newest batch and links to the others, a checkpoint the child of the step', async () => {
  const exporter = collecting(1);
  await batchesStepAndCheckpoint(new RunTracer());
  const [[other, newest], [step], [checkpoint]] = ['poll', 'step', 'checkpoint'].map((name) =>
    named(exporter, name),
  ) as [[ReadableSpan, ReadableSpan], [ReadableSpan], [ReadableSpan]];
  expect(step.parentSpanContext?.spanId).toBe(newest.spanContext().spanId);
  expect(step.links.map((link) => link.context.spanId)).toEqual([other.spanContext().spanId]);
  expect(checkpoint.parentSpanContext?.spanId).toBe(step.spanContext().spanId);
  expect(new Set([newest, step, checkpoint].map((span) => span.spanContext().traceId)).size).toBe(1);
  expect(newest.links.map((link) => link.context.traceId)).toEqual([PRODUCER.split('-')[1]]);
  expect(newest.attributes['messaging.batch.message_count']).toBe(3);
});

it('a checkpoint is sampled where its batch is not', async () => {
  const exporter = collecting(0);
  await batchesStepAndCheckpoint(new RunTracer());
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['checkpoint']);
});

it('a step that fails says so in its span, and to its caller', async () => {
  const exporter = collecting(1);
  const failing = new RunTracer().step(1, () => Promise.reject(new Error('lost')));
  await expect(failing).rejects.toThrow('lost');
  expect(named(exporter, 'step')[0]!.status.message).toBe('lost');
});
