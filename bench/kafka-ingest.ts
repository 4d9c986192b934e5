import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Partitioners } from 'kafkajs';
import { createFold, createSource } from '../pipelines/assembly.js';
import type { SettledTurn } from '../pipelines/learn.js';
import { run } from '../pipelines/run.js';
import { encodeAvroEvent } from '../src/codec/index.js';
import { type Config, parseConfig } from '../src/config/index.js';
import { type ClickEvent, DOMAINS } from '../src/core/index.js';
import { createKafka } from '../src/kafka/index.js';
import { createSyntheticSource } from '../src/sources/synthetic/index.js';
import { foldLog } from './fold-log.js';
import { describeMachine } from './machine.js';

// Topics -> decode -> order -> window -> join -> mix on one core, training off; then a live run at a given rate: how long
// from writing an event to the step that learns it. Prints JSON.
//   npm run kafka                                              (a broker on 127.0.0.1:9092)
//   node dist/bench/kafka-ingest.js [EVENTS] [LIVE_PER_SECOND] [BROKER]

const [events = '200000', livePerSecond = '1000', broker = '127.0.0.1:9092'] = process.argv.slice(2);
const LIVE_SECONDS = 20;
const PARTITIONS = 4;
const id = `bench-${process.pid}`;
const kafka = createKafka(
  { brokers: [broker], clientId: id, tls: null, sasl: null, connectionTimeoutMs: 5_000, requestTimeoutMs: 30_000 },
  () => {},
);
const topicOf = (kind: string, domain: string): string => `${id}-${kind}-${domain}`;

function configOf(kind: string, input: object, overrides: readonly string[] = []): Config {
  const topics = DOMAINS.map((domain) => ({ topic: topicOf(kind, domain), domain, format: 'avro' }));
  const config = {
    kafka: { brokers: [broker] },
    features: { shared: ['topic'] },
    input: { kind: 'kafka', kafka: { topics, groupId: id, ...input } },
  };
  return parseConfig(JSON.stringify(config), 'bench', { env: {}, overrides: ['model.preset=paper', ...overrides] });
}

async function allEvents(count: number): Promise<ClickEvent[]> {
  const source = createSyntheticSource({ preset: 'default', seed: 1, events: count, messages: null });
  await source.open(source.partitions.map(() => 0n));
  const events: ClickEvent[] = [];
  for (const partition of source.partitions.keys()) {
    for (let last = false; !last; ) {
      const chunk = await source.read(partition, 4096);
      for (const record of chunk.records) if (record.ok) events.push(record.value);
      last = chunk.last;
    }
  }
  await source.close();
  return events.sort((a, b) => a.eventTimeMs - b.eventTimeMs);
}

const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

async function send(kind: string, batch: readonly ClickEvent[]): Promise<void> {
  await producer.sendBatch({
    topicMessages: DOMAINS.map((domain) => ({
      topic: topicOf(kind, domain),
      messages: batch
        .filter((event) => event.domain === domain)
        .map((event) => ({ key: event.userId, value: encodeAvroEvent(event) })),
    })).filter(({ messages }) => messages.length > 0),
  });
}

async function ingest(log: readonly ClickEvent[]) {
  for (let i = 0; i < log.length; i += 2000) await send('ingest', log.slice(i, i + 2000));
  const config = configOf('ingest', {});
  const source = await createSource(config, '.');
  const fold = await createFold(config);
  fold.positions.bind(source.partitions);
  await source.open(fold.positions.next());
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  await foldLog(config, source, fold, (turn) => {
    fold.batches(turn);
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  loop.disable();
  await source.close();
  return {
    events: fold.counts.events,
    perSecond: Math.round(log.length / seconds),
    perCpuSecond: Math.round((log.length * 1e6) / (user + system)),
    loopDelayP99Ms: loop.percentile(99) / 1e6,
    residentMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
  };
}

async function live(log: readonly ClickEvent[], perSecond: number) {
  const directory = await mkdtemp(join(tmpdir(), 'dadin-kafka-bench-'));
  const config = configOf('live', { idleTimeoutMs: 500 }, [
    'ordering.outOfOrdernessMs=200',
    'batching.maxBatchDelayMs=500',
    `checkpoint.directory=${JSON.stringify(directory)}`,
  ]);
  const stop = new AbortController();
  const latenciesMs: number[] = [];
  let begun: () => void = () => {};
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const observer = {
    started: () => begun(),
    notice() {},
    turn({ turn, report }: SettledTurn) {
      if (report === null) return;
      const nowMs = Date.now();
      for (const { sample } of turn.train) latenciesMs.push(nowMs - sample.eventTimeMs);
    },
  };
  const running = run(config, { baseDirectory: '.', stop: stop.signal, observer });
  await Promise.race([started, running]);
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  const tickMs = 20;
  const beganMs = performance.now();
  for (let sent = 0; sent < log.length; ) {
    const due = Math.min(log.length, Math.ceil(((performance.now() - beganMs) / 1000) * perSecond));
    const nowMs = Date.now();
    if (due > sent)
      await send(
        'live',
        log.slice(sent, due).map((event) => ({ ...event, eventTimeMs: nowMs })),
      );
    sent = due;
    await sleep(tickMs);
  }
  await sleep(2_000);
  loop.disable();
  stop.abort();
  await running;
  await rm(directory, { recursive: true });
  latenciesMs.sort((a, b) => a - b);
  const quantile = (q: number): number | null => latenciesMs[Math.floor(q * (latenciesMs.length - 1))] ?? null;
  return {
    perSecond,
    trained: latenciesMs.length,
    of: log.length,
    writtenToTrainedMs: { p50: quantile(0.5), p99: quantile(0.99) },
    loopDelayP99Ms: loop.percentile(99) / 1e6,
  };
}

const admin = kafka.admin();
await admin.connect();
const names = ['ingest', 'live'].flatMap((kind) => DOMAINS.map((domain) => topicOf(kind, domain)));
await admin.createTopics({
  topics: names.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 })),
  waitForLeaders: true,
});
await producer.connect();
try {
  const log = await allEvents(Number(events));
  const ingested = await ingest(log);
  const rate = Number(livePerSecond);
  const lively = await live(log.slice(0, rate * LIVE_SECONDS), rate);
  console.log(JSON.stringify({ machine: describeMachine(), ingest: ingested, live: lively }, null, 2));
} finally {
  await producer.disconnect();
  await admin.deleteTopics({ topics: names });
  await admin.disconnect();
}
