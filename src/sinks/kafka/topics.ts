import { domainOf, type Sample } from '../../core/index.js';
import type { DeadLetter } from '../dead-letter-file.js';
import { type MetricsRecord, metricsJson } from '../metrics-record.js';
import type { OutgoingRecord } from './outgoing-queue.js';

/** Where topics hand their records: the publisher, in the order added. */
interface Outgoing {
  add(record: OutgoingRecord): void;
}

/** Metrics, one JSON record every so many steps; its key is the step. */
export class MetricsTopic {
  readonly #outgoing: Outgoing;
  readonly #topic: string;

  constructor(outgoing: Outgoing, topic: string) {
    this.#outgoing = outgoing;
    this.#topic = topic;
  }

  write(record: MetricsRecord): void {
    this.#outgoing.add({ topic: this.#topic, key: String(record.report.step), value: metricsJson(record) });
  }
}

/** Scored impressions whose label is known, a JSON record each; its key is the impression's id. */
export class PredictionsTopic {
  readonly #outgoing: Outgoing;
  readonly #topic: string;

  constructor(outgoing: Outgoing, topic: string) {
    this.#outgoing = outgoing;
    this.#topic = topic;
  }

  write(samples: readonly Sample[]): void {
    for (const s of samples) {
      const value = JSON.stringify({
        sequence: s.sequence,
        impressionId: s.impressionId,
        domain: domainOf(s.domain),
        userId: s.userId,
        itemId: s.itemId,
        eventTimeMs: s.eventTimeMs,
        label: s.label,
        score: 1 / (1 + Math.exp(-s.logit)),
        step: s.scoredAtStep,
      });
      this.#outgoing.add({ topic: this.#topic, key: s.impressionId, value });
    }
  }
}

/**
 * Records that were not learned from: the value is the record as it came, so that it can be mended and sent again; why and
 * whence stand in headers. Its key is where it was read.
 */
export class DeadLetterTopic {
  readonly #outgoing: Outgoing;
  readonly #topic: string;

  constructor(outgoing: Outgoing, topic: string) {
    this.#outgoing = outgoing;
    this.#topic = topic;
  }

  write({ partition, position, bad }: DeadLetter): void {
    this.#outgoing.add({
      topic: this.#topic,
      key: `${partition}:${position}`,
      value: bad.original === null ? null : Buffer.from(bad.original),
      headers: {
        'dadin-code': bad.code,
        'dadin-reason': bad.reason,
        'dadin-partition': partition,
        'dadin-position': String(position),
        ...(bad.schemaId === undefined ? {} : { 'dadin-schema-id': String(bad.schemaId) }),
      },
    });
  }
}
