import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

/** What the tests read of opentelemetry-proto 1.x; fields that are not named here are passed over. */
const SCHEMA = protobuf.parse(`
  syntax = "proto3";
  message Text { string string_value = 1; int64 int_value = 3; double double_value = 4; }
  message Attribute { string key = 1; Text value = 2; }
  message Resource { repeated Attribute attributes = 1; }

  message Metrics { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message ScopeMetrics { repeated Metric metrics = 2; }
  message Metric { string name = 1; string unit = 3; Points gauge = 5; Points sum = 7; Histogram histogram = 9; }
  message Points { repeated Point data_points = 1; bool is_monotonic = 3; }
  message Point { double as_double = 4; sfixed64 as_int = 6; repeated Attribute attributes = 7; }
  message Histogram { repeated HistogramPoint data_points = 1; }
  message HistogramPoint { fixed64 count = 4; double sum = 5; }

  message Traces { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; repeated Attribute attributes = 9; }
`).root;

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number; readonly doubleValue?: number };
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly sum?: { readonly dataPoints: readonly Point[]; readonly isMonotonic: boolean };
  readonly histogram?: { readonly dataPoints: readonly { readonly count: number; readonly sum: number }[] };
}

interface Point {
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly attributes: readonly Attribute[];
}

/** Ids in hexadecimal; no parent is the empty text. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes: readonly Attribute[];
}

/** An OTLP receiver over HTTP that decodes what it gets. */
export class OtlpReceiver {
  readonly #server = createServer();
  /** Of each request, oldest first. */
  readonly metrics: Metric[][] = [];
  readonly spans: Span[] = [];
  readonly services = new Set<string | undefined>();
  readonly #problems: Error[] = [];

  private constructor() {
    this.#server.on('request', async (request, response) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const body = Buffer.concat(chunks);
        this.#take(request.url!, request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      } catch (error) {
        this.#problems.push(error as Error);
        response.writeHead(400).end();
      }
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await once(receiver.#server.listen(0, '127.0.0.1'), 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Throws what could not be decoded. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    if (this.#problems.length > 0) throw this.#problems[0];
  }

  #take(path: string, body: Buffer): void {
    if (path === '/v1/metrics') {
      const { resourceMetrics } = decoded<{ resourceMetrics: Sent<'scopeMetrics', 'metrics', Metric> }>(
        'Metrics',
        body,
      );
      this.metrics.push(resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)));
      this.#serviceOf(resourceMetrics);
    } else if (path === '/v1/traces') {
      const { resourceSpans } = decoded<{ resourceSpans: Sent<'scopeSpans', 'spans', Span> }>('Traces', body);
      this.spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
      this.#serviceOf(resourceSpans);
    } else {
      throw new Error(`OTLP has no ${path}`);
    }
  }

  #serviceOf(sent: readonly { readonly resource: { readonly attributes: readonly Attribute[] } }[]): void {
    for (const { resource } of sent)
      this.services.add(resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue);
  }
}

type Sent<Scope extends string, Items extends string, Item> = readonly ({
  readonly resource: { readonly attributes: readonly Attribute[] };
} & Readonly<Record<Scope, readonly Readonly<Record<Items, readonly Item[]>>[]>>)[];

function decoded<T>(name: string, body: Buffer): T {
  const type = SCHEMA.lookupType(name);
  const message = type.decode(body);
  const object = type.toObject(message, { longs: Number, arrays: true, bytes: String }) as T;
  return JSON.parse(JSON.stringify(object), (key, value) =>
    key.endsWith('Id') ? Buffer.from(value as string, 'base64').toString('hex') : value,
  ) as T;
}
