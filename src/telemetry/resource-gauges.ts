import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Learner, LearnerGauges } from '../core/index.js';
import type { RunReading } from './run-reading.js';

/** Between questions to the learner's thread about its memory, ms. */
const INSPECT_MS = 5000;

/** What a run takes of its machine: memory by component, and how late the event loop comes. */
export class ResourceGauges {
  readonly #delays = monitorEventLoopDelay({ resolution: 10 });
  #inspectedAtMs = Number.NEGATIVE_INFINITY;
  #learner: LearnerGauges | null = null;

  constructor() {
    this.#delays.enable();
  }

  /** The event loop's delay is that since the take before. */
  take(): Pick<RunReading, 'eventLoopDelayMs' | 'memory' | 'embeddings'> {
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    const delayMs = this.#delays.percentile(99) / 1e6;
    this.#delays.reset();
    return {
      eventLoopDelayMs: Number.isFinite(delayMs) ? delayMs : 0,
      memory: { resident: rss, heap: heapUsed, buffers: arrayBuffers, tables: this.#learner?.tableBytes ?? 0 },
      embeddings: { rows: this.#learner?.rows ?? {}, evicted: this.#learner?.evictedRows ?? 0 },
    };
  }

  /** Asks for the learner's memory; the answer is for a later take. A learner that is closing need not answer. */
  inspect(learner: Pick<Learner, 'inspect'>, nowMs: number): void {
    if (nowMs - this.#inspectedAtMs < INSPECT_MS) return;
    this.#inspectedAtMs = nowMs;
    learner.inspect().then(
      (gauges) => {
        this.#learner = gauges;
      },
      () => {},
    );
  }

  close(): void {
    this.#delays.disable();
  }
}
