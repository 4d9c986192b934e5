import { join } from 'node:path';
import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../ops/kafka/local-cluster.js';
import type { RunSummary } from '../../../pipelines/learning-run.js';
import { noJava, noKafka, startCluster, uniqueName } from '../../kafka/broker.js';
import { END_TRANSACTION, KafkaProxy } from '../../kafka/proxy.js';
import { createTopic, ledger, readCommitted } from '../../kafka/read-committed.js';
import { createTopics, kafkaAt, produce, type Topics, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

const EVENTS = 1200;

describe.skipIf(noKafka || noJava)('a broker killed while it is produced to', () => {
  /** The next request that ends a transaction meets this. */
  let meets: 'swallow request' | 'swallow answer' | null = null;
  let met: () => void = () => {};
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  let proxy: KafkaProxy;
  let kafka: Kafka;
  let topics: Topics;

  let expected: RunSummary;
  let said: ReturnType<typeof ledger>;

  beforeAll(async () => {
    const [port] = (await freePorts(1)) as [number];
    proxy = await KafkaProxy.start(port, (kind) => {
      if (kind !== END_TRANSACTION || meets === null) return 'pass';
      const fate = meets;
      meets = null;
      met();
      return fate;
    });
    const properties = { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxy.port}` };
    cluster = await startCluster(1, { port, properties });
    kafka = kafkaAt(cluster.cluster.brokers);
    topics = await createTopics(kafka, 2);
    await produce(kafka, topics, await drillEvents(EVENTS));
    const undisturbed = await learner('undisturbed');
    expected = (await undisturbed.run.finished)!;
    const predictions = await undisturbed.predictions();
    said = ledger(predictions);
    expect(said.size).toBe(predictions.length);
    expect(said.size).toBeGreaterThan(EVENTS / 4);
  });
  afterAll(async () => {
    await proxy.stop();
    await cluster.remove();
  });

  async function learner(prefix: string) {
    const name = uniqueName(prefix);
    const predictionsTopic = await createTopic(kafka, `${name}-predictions`, 2);
    const config = {
      ...topicsConfig(cluster.cluster.brokers, topics, { groupId: name, idleTimeoutMs: 600_000 }),
      name,
      sinks: { kafka: { predictionsTopic, maxQueuedBytes: 60_000 } },
    };
    const run = runInProcess(config, join(temporaryDirectory(prefix), 'c'), ['input.kafka.stop=end']);
    return { run, predictions: () => readCommitted(kafka, predictionsTopic) };
  }

  async function killedAt(fate: 'swallow request' | 'swallow answer') {
    const ended = new Promise<void>((resolve) => {
      met = resolve;
    });
    meets = fate;
    const disturbed = await learner('disturbed');
    await ended;
    if (fate === 'swallow answer') await expect.poll(() => disturbed.predictions().then((r) => r.length)).not.toBe(0);
    await cluster.cluster.kill9();
    await cluster.cluster.restart();
    const summary = await disturbed.run.finished;
    expect(outcome(summary!)).toEqual(outcome(expected));
    expect(disturbed.run.notices.some((notice) => notice.startsWith('publishing waits'))).toBe(true);
    const again = await disturbed.predictions();
    expect(ledger(again)).toEqual(said);
    return again;
  }

  it('with a transaction open: what it held is published once, all of it', async () => {
    const again = await killedAt('swallow request');
    expect(again.length, 'the open transaction was aborted, not committed as well').toBe(said.size);
  }, 120_000);

  it('once it had committed and before it said so: nothing is missing, what repeats is the same to the byte', async () => {
    const again = await killedAt('swallow answer');
    expect(again.length).toBeGreaterThan(said.size);
  }, 120_000);
});
