import {
  type Attributes,
  type Context,
  context,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

/** Batches that a step remembers; a step of many batches links to the newest of them. */
const MAX_LINKS = 8;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** What is known of a batch once it has been read. */
export interface BatchDescription {
  readonly attributes: Attributes;
  /** W3C trace contexts of a few of its records. */
  readonly producers: readonly string[];
}

/**
 * Spans of a run: batch -> step -> checkpoint -> publish, each the child of what led to it. A batch links to the producers
 * of the records sampled from it, a step to the other batches since the step before. Never a span a record.
 */
export class RunTracer {
  readonly #tracer = trace.getTracer('dadin-stream');
  /** Contexts of the batches since the last step, newest last. */
  #batches: Context[] = [];
  #newest: Context = context.active();

  async batch<T>(attributes: Attributes, read: () => Promise<T>, describe: (chunk: T) => BatchDescription): Promise<T> {
    const span = this.#tracer.startSpan('poll', { kind: SpanKind.CLIENT, attributes, root: true });
    const chunk = await ended(span, read(), (read) => {
      const { attributes, producers } = describe(read);
      span.setAttributes(attributes).addLinks(producers.flatMap(linkTo));
    });
    this.#newest = remembered(context.active(), span);
    this.#batches.push(this.#newest);
    if (this.#batches.length > MAX_LINKS) this.#batches.shift();
    return chunk;
  }

  step<T>(rows: number, train: () => Promise<T>): Promise<T> {
    const parent = this.#batches.pop() ?? this.#newest;
    const links = this.#batches.flatMap((batch) => {
      const spanContext = trace.getSpanContext(batch);
      return spanContext === undefined ? [] : [{ context: spanContext }];
    });
    this.#batches = [];
    const span = this.#tracer.startSpan('step', { attributes: { 'dadin.rows': rows }, links }, parent);
    this.#newest = remembered(parent, span);
    return ended(span, train());
  }

  /** A rare piece of work after a step: `checkpoint`, `publish`. Always sampled where there is a receiver. */
  rare<T>(name: string, work: () => Promise<T>): Promise<T> {
    const span = this.#tracer.startSpan(name, { attributes: { [RARE]: true } }, this.#newest);
    this.#newest = remembered(this.#newest, span);
    return ended(span, work());
  }
}

/** Attribute of the spans that are sampled whatever their parent is. */
export const RARE = 'dadin.rare';

let newestTrace: string | null = null;

/** Id of the trace that was started last and is exported: where log lines belong. Null without any. */
export function newestTraceId(): string | null {
  return newestTrace;
}

function remembered(parent: Context, span: Span): Context {
  const { traceId, traceFlags } = span.spanContext();
  if ((traceFlags & TraceFlags.SAMPLED) !== 0) newestTrace = traceId;
  return trace.setSpan(parent, span);
}

async function ended<T>(span: Span, work: Promise<T>, describe: (result: T) => void = () => {}): Promise<T> {
  try {
    const result = await work;
    if (span.isRecording()) describe(result);
    return result;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    span.end();
  }
}

/** A W3C traceparent as a link; what is none is passed over, since anybody may write headers. */
function linkTo(traceparent: string): Link[] {
  const match = TRACEPARENT.exec(traceparent);
  if (match === null) return [];
  const [, traceId, spanId, flags] = match;
  return [{ context: { traceId: traceId!, spanId: spanId!, traceFlags: Number.parseInt(flags!, 16), isRemote: true } }];
}
