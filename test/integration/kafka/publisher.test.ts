import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKafka } from '../../../src/kafka/index.js';
import { KafkaPublisher } from '../../../src/sinks/kafka/publisher.js';
import { TransactionalProducer } from '../../../src/sinks/kafka/transactional-producer.js';
import {
  connectionTo,
  errorsOnly,
  noJava,
  noKafka,
  sharedBrokers,
  startCluster,
  uniqueName,
} from '../../kafka/broker.js';
import { createTopic, readCommitted } from '../../kafka/read-committed.js';

function producer(kafka: Kafka, transactionalId: string, isOwner = async () => true): TransactionalProducer {
  return new TransactionalProducer(kafka, { transactionalId, transactionTimeoutMs: 60_000, isOwner });
}

const record = (topic: string, key: string) => ({ topic, key, value: `value of ${key}`, headers: { h: 'x' } });

describe.skipIf(noKafka)('publishing to a real broker', () => {
  let kafka: Kafka;
  beforeAll(() => {
    kafka = createKafka(connectionTo(sharedBrokers), errorsOnly);
  });

  it('commits transaction after transaction, large records among them', async () => {
    const topic = await createTopic(kafka, uniqueName('published'), 3);
    const publisher = new KafkaPublisher(producer(kafka, topic), {
      maxQueuedBytes: 1 << 20,
      onHeld: () => {},
      stop: new AbortController().signal,
    });
    await publisher.open();
    const large = Buffer.alloc(890_000, 1);
    for (let i = 0; i < 30; i++) {
      publisher.add(i % 10 === 9 ? { topic, key: String(i), value: large } : record(topic, String(i)));
      if (i % 5 === 0) await publisher.flushed();
    }
    await publisher.flushed();
    await publisher.close();
    const read = await readCommitted(kafka, topic);
    expect(read.map(({ key }) => Number(key)).sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(read.find(({ key }) => key === '0')).toMatchObject({ value: 'value of 0', headers: { h: 'x' } });
  });

  it('a successor fences its predecessor, whose open transaction nobody reads', async () => {
    const topic = await createTopic(kafka, uniqueName('fenced'), 1);
    const deposed = producer(kafka, topic);
    const successor = producer(kafka, topic);
    await deposed.send([record(topic, 'first')]);
    await successor.open();
    await expect(deposed.send([record(topic, 'zombie')])).rejects.toMatchObject({
      code: 'DADIN_FENCED',
      retryable: false,
    });
    await successor.send([record(topic, 'second')]);
    await Promise.all([deposed.close(), successor.close()]);
    expect((await readCommitted(kafka, topic)).map(({ key }) => key)).toEqual(['first', 'second']);
  });

  it('who is not the owner takes no id, and fences nobody', async () => {
    const topic = await createTopic(kafka, uniqueName('owner'), 1);
    const owner = producer(kafka, topic);
    await owner.open();
    const other = producer(kafka, topic, async () => false);
    await expect(other.open()).rejects.toMatchObject({ code: 'DADIN_FENCED' });
    await owner.send([record(topic, 'mine')]);
    await owner.close();
    expect((await readCommitted(kafka, topic)).map(({ key }) => key)).toEqual(['mine']);
  });
});

describe.skipIf(noKafka || noJava)('a broker that goes away', () => {
  let own: Awaited<ReturnType<typeof startCluster>>;
  beforeAll(async () => {
    own = await startCluster(1);
  });
  afterAll(() => own.remove());

  it('holds what is published, named, and gets every record once it is back', async () => {
    const { cluster } = own;
    const kafka = createKafka({ ...connectionTo(cluster.brokers), connectionTimeoutMs: 1_000 }, () => {});
    const topic = await createTopic(kafka, 'outage', 1);
    const reasons: (string | null)[] = [];
    let isHeld = (): void => {};
    const held = new Promise<void>((resolve) => {
      isHeld = resolve;
    });
    const publisher = new KafkaPublisher(producer(kafka, 'outage'), {
      maxQueuedBytes: 1_000,
      onHeld: (reason) => {
        reasons.push(reason);
        isHeld();
      },
      stop: new AbortController().signal,
    });
    await publisher.open();
    publisher.add(record(topic, '0'));
    await publisher.flushed();
    await cluster.kill9();
    for (let i = 1; i <= 20; i++) publisher.add(record(topic, String(i)));
    await held;
    await cluster.restart();
    await publisher.flushed();
    await publisher.close();
    expect(reasons[0]).toContain('Kafka does not answer');
    expect(reasons.at(-1)).toBeNull();
    const keys = new Set((await readCommitted(kafka, topic)).map(({ key }) => Number(key)));
    expect([...keys].sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, i) => i));
  });
});
