import { KafkaJSNonRetriableError } from 'kafkajs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutgoingRecord } from '../../../src/sinks/kafka/outgoing-queue.js';
import { KafkaPublisher } from '../../../src/sinks/kafka/publisher.js';

class KafkaJSConnectionError extends Error {
  override readonly name = 'KafkaJSConnectionError';
}

/** Brokers that may be away: `send` fails while they are. */
class Brokers {
  readonly committed: OutgoingRecord[] = [];
  failure: Error | null = null;
  attempts = 0;
  async open() {}
  async close() {}
  async send(records: readonly OutgoingRecord[]) {
    this.attempts++;
    if (this.failure !== null) throw this.failure;
    this.committed.push(...records);
  }
}

const record = (key: number): OutgoingRecord => ({ topic: 't', key: String(key), value: Buffer.alloc(1_000) });

let brokers: Brokers;
let held: (string | null)[];
let stop: AbortController;
let publisher: KafkaPublisher;
beforeEach(() => {
  brokers = new Brokers();
  held = [];
  stop = new AbortController();
  publisher = new KafkaPublisher(brokers, {
    maxQueuedBytes: 5_000,
    onHeld: (reason) => held.push(reason),
    stop: stop.signal,
  });
});

describe('KafkaPublisher', () => {
  it('commits everything in the order it was added', async () => {
    for (let i = 0; i < 100; i++) {
      publisher.add(record(i));
      if (i % 7 === 0) await publisher.room();
    }
    await publisher.flushed();
    expect(brokers.committed.map(({ key }) => Number(key))).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('holds the pipeline with a reason while brokers are away, bounded, and goes on without loss', async () => {
    brokers.failure = new KafkaJSConnectionError('connect ECONNREFUSED');
    let added = 0;
    const pipeline = (async () => {
      for (; added < 50; added++) {
        publisher.add(record(added));
        await publisher.room();
      }
      await publisher.flushed();
    })();
    await vi.waitFor(() => expect(brokers.attempts).toBeGreaterThan(1));
    expect(added).toBeLessThanOrEqual(5);
    expect(held[0]).toContain('ECONNREFUSED');
    expect(held).not.toContain(null);
    brokers.failure = null;
    await pipeline;
    expect(brokers.committed).toHaveLength(50);
    expect(held.at(-1)).toBeNull();
  });

  it('ends on a refusal: everybody who waits, and who comes later, is told', async () => {
    const refusal = Object.assign(new KafkaJSNonRetriableError('no'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
    brokers.failure = refusal;
    publisher.add(record(0));
    await expect(publisher.flushed()).rejects.toMatchObject({ code: 'DADIN_KAFKA_REFUSED' });
    await expect(publisher.room()).rejects.toMatchObject({ code: 'DADIN_KAFKA_REFUSED' });
    expect(brokers.attempts).toBe(1);
  });

  it('gives up what cannot be published when it is to stop', async () => {
    brokers.failure = new KafkaJSConnectionError('gone');
    publisher.add(record(0));
    const flushed = publisher.flushed();
    await vi.waitFor(() => expect(held).toHaveLength(1));
    stop.abort();
    await expect(flushed).rejects.toMatchObject({ code: 'DADIN_KAFKA_UNREACHABLE' });
    await publisher.close();
    expect(brokers.committed).toEqual([]);
  });
});
