import { context, DiagLogLevel, diag, metrics, propagation, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { dadinMeter } from './histograms.js';
import { observeReadings } from './observe-readings.js';
import { observeServing, type ServingObserver } from './observe-serving.js';
import { ReceiverWatch } from './receiver-watch.js';
import type { RunReading } from './run-reading.js';
import { RunSampler } from './run-sampler.js';

const OTLP_METRICS_EVERY_MS = 15_000;
/** What shutting down waits for an OTLP receiver. */
const SHUTDOWN_MS = 3000;

export interface TelemetryOptions {
  /** Name of the service in metrics and traces. */
  readonly serviceName: string;
  /** Base URL of an OTLP receiver; null: none. */
  readonly otlpEndpoint: string | null;
  /** Share of the batches that are traced. */
  readonly traceShare: number;
  /** Told what the SDK has to complain of: a receiver that does not answer. */
  readonly complain: (message: string) => void;
}

/** Metrics and traces of one process. One at a time: the OpenTelemetry API is global. */
export class Telemetry {
  readonly #sdk: NodeSDK;
  readonly #receiver: ReceiverWatch | null;
  readonly #exporter = new PrometheusExporter({ preventServerStart: true });
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true);

  /** Starts the SDK: instruments and spans made before this drop what they are told. */
  constructor({ serviceName, otlpEndpoint, traceShare, complain }: TelemetryOptions) {
    const receiver = otlpEndpoint === null ? null : new ReceiverWatch(otlpEndpoint, complain);
    this.#receiver = receiver;
    const say = (message: string): void => {
      if (receiver?.isDown !== true) complain(`telemetry: ${message}`); // which was told already, once
    };
    diag.setLogger({ error: say, warn: say, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
    this.#sdk = new NodeSDK({
      serviceName,
      autoDetectResources: false, // they would show the command line to everybody who reads metrics
      metricReaders: [
        this.#exporter,
        ...(receiver === null
          ? []
          : [
              new PeriodicExportingMetricReader({
                exporter: receiver.watched(new OTLPMetricExporter(receiver.at('v1/metrics'))),
                exportIntervalMillis: OTLP_METRICS_EVERY_MS,
              }),
            ]),
      ],
      // empty lists, since none at all means what the environment names, localhost by default
      spanProcessors:
        receiver === null
          ? []
          : [new BatchSpanProcessor({ exporter: receiver.watched(new OTLPTraceExporter(receiver.at('v1/traces'))) })],
      logRecordProcessors: [],
      sampler: new RunSampler(traceShare),
    });
    this.#sdk.start();
  }

  /** Counters and gauges show what `latest` gives. */
  observe(latest: () => RunReading): void {
    observeReadings(dadinMeter(), latest);
  }

  /** Metrics of a scoring service instead. */
  observeServing(latest: Parameters<typeof observeServing>[1]): ServingObserver {
    return observeServing(dadinMeter(), latest);
  }

  /** The metrics as Prometheus reads them. */
  async prometheus(): Promise<string> {
    const { resourceMetrics } = await this.#exporter.collect();
    return this.#serializer.serialize(resourceMetrics);
  }

  /** Sends what is left; a receiver that does not answer holds the end up for a few seconds at most. */
  async shutdown(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#receiver?.failed(`no answer in ${SHUTDOWN_MS / 1000} s`);
        resolve();
      }, SHUTDOWN_MS);
    });
    await Promise.race([this.#sdk.shutdown(), enough]).finally(() => clearTimeout(timer));
    for (const api of [metrics, trace, context, propagation, diag]) api.disable();
  }
}
