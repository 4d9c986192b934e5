import { setTimeout as sleep } from 'node:timers/promises';
import { CLICK_EVENT_SCHEMA, encodeAvroEvent, encodeConfluentEvent, encodeJsonEvent } from '../src/codec/index.js';
import type { Config } from '../src/config/index.js';
import { type ClickEvent, DadinError, DOMAINS, type Domain, type EventSource } from '../src/core/index.js';
import { createKafka, kafkaFailure, kafkaNotices } from '../src/kafka/index.js';
import { createMissingTopics, EventProducer, type ProducedEvent } from '../src/sinks/kafka/index.js';
import { createSyntheticSource } from '../src/sources/synthetic/index.js';
import { kafkaConnection, type SecretPlaces } from './kafka-connection.js';
import { writableRegistry } from './schema-registry.js';

export interface SimulateToKafkaOptions {
  /** `kafka` says where to, `input.kafka.topics` which topics and formats, `input.synthetic` what. */
  readonly config: Pick<Config, 'kafka' | 'input'>;
  readonly baseDirectory: string;
  /** Events of both domains together in a second; null: as fast as brokers take them. */
  readonly eventsPerSecond: number | null;
  readonly stop: AbortSignal;
  readonly notice: (message: string) => void;
  /** Events sent so far, of all (null where only the end tells). */
  readonly onProgress?: (events: number, of: number | null) => void;
}

export interface SimulateToKafkaReport {
  readonly topics: Readonly<Record<Domain, string>>;
  readonly created: readonly string[];
  readonly events: Readonly<Record<Domain, number>>;
  readonly seconds: number;
  readonly eventsPerSecond: number;
}

/** Partitions of topics that simulate has to create. */
const PARTITIONS = 3;
/** Events of one request: some 300 bytes each. */
const BATCH = 1000;
/** With a rate, events are sent in portions of this clock time. */
const PORTION_MS = 20;

type Encode = (event: ClickEvent) => Buffer;

/**
 * Sends a synthetic stream to the topics that the configuration learns from, in their formats, both domains merged by
 * time. Each user's events are in the order of the same stream in files. The same seed gives the same messages.
 *
 * @throws DadinError DADIN_USAGE without a topic for each domain, DADIN_KAFKA_UNREACHABLE, DADIN_KAFKA_REFUSED
 */
export async function simulateToKafka(options: SimulateToKafkaOptions): Promise<SimulateToKafkaReport> {
  const { config, baseDirectory, stop, notice } = options;
  const places = { env: process.env, baseDirectory };
  const outlets = {
    target: await outletOf(config, 'target', places),
    source: await outletOf(config, 'source', places),
  };
  const kafka = createKafka(await kafkaConnection(config.kafka, places), kafkaNotices(notice));
  const source = createSyntheticSource(config.input.synthetic);
  const expected = source.partitions.map(({ expectedRecords }) => expectedRecords);
  const total = expected.reduce<number | null>((sum, n) => (sum === null || n === null ? null : sum + n), 0);
  const events = { target: 0, source: 0 };
  try {
    const created = await createMissingTopics(kafka, [outlets.target.topic, outlets.source.topic], PARTITIONS);
    const producer = await EventProducer.connect(kafka);
    const startedMs = performance.now();
    try {
      const pace = new Pace(options.eventsPerSecond, startedMs);
      let batch: ProducedEvent[] = [];
      const flush = async (): Promise<void> => {
        if (batch.length > 0) await producer.send(batch);
        batch = [];
        options.onProgress?.(events.target + events.source, total);
      };
      for await (const event of mergedByTime(source)) {
        if (stop.aborted) break;
        if (batch.length >= BATCH || pace.isAhead(events.target + events.source)) {
          await flush();
          await pace.wait(events.target + events.source);
        }
        const { topic, encode } = outlets[event.domain];
        batch.push({ topic, key: event.userId, value: encode(event) });
        events[event.domain]++;
      }
      await flush();
    } finally {
      await producer.close();
    }
    const seconds = (performance.now() - startedMs) / 1000;
    return {
      topics: { target: outlets.target.topic, source: outlets.source.topic },
      created,
      events,
      seconds,
      eventsPerSecond: (events.target + events.source) / seconds,
    };
  } catch (error) {
    throw kafkaFailure(error, 'simulate');
  }
}

interface Outlet {
  readonly topic: string;
  readonly encode: Encode;
}

async function outletOf(
  { input, kafka }: Pick<Config, 'input' | 'kafka'>,
  domain: Domain,
  places: SecretPlaces,
): Promise<Outlet> {
  const { topics } = input.kafka;
  const found = topics.find((topic) => topic.domain === domain) ?? topics.find((topic) => topic.domain === 'message');
  if (found === undefined) {
    throw new DadinError('DADIN_USAGE', `input.kafka.topics has no topic for the ${domain} domain`, {
      step: 'simulate',
      remedy: 'list a topic with this domain, or one whose messages tell theirs',
    });
  }
  const { topic, format } = found;
  if (format === 'json') return { topic, encode: encodeJsonEvent };
  if (format === 'avro') return { topic, encode: encodeAvroEvent };
  const registry = await writableRegistry(kafka.registry, places);
  const id = await registry.register(`${topic}-value`, CLICK_EVENT_SCHEMA);
  return { topic, encode: (event) => encodeConfluentEvent(event, id) };
}

/** Keeps to a rate by the clock: what is late is made up for. */
class Pace {
  readonly #perMs: number;
  readonly #startedMs: number;

  constructor(eventsPerSecond: number | null, startedMs: number) {
    this.#perMs = eventsPerSecond === null ? Number.POSITIVE_INFINITY : eventsPerSecond / 1000;
    this.#startedMs = startedMs;
  }

  /** Whether the next event belongs to a later portion than the clock's. */
  isAhead(events: number): boolean {
    return events / this.#perMs > performance.now() - this.#startedMs + PORTION_MS;
  }

  async wait(events: number): Promise<void> {
    const aheadMs = events / this.#perMs - (performance.now() - this.#startedMs);
    if (aheadMs > 0) await sleep(aheadMs);
  }
}

/** The events of both partitions, the one with the smaller time first; each partition keeps its order. */
async function* mergedByTime(source: EventSource): AsyncGenerator<ClickEvent> {
  await source.open(DOMAINS.map(() => 0n));
  const logs = await Promise.all(source.partitions.map((_, partition) => Log.open(source, partition)));
  for (;;) {
    const next = logs.filter(({ head }) => head !== null).sort((a, b) => a.head!.eventTimeMs - b.head!.eventTimeMs)[0];
    if (next === undefined) break;
    yield next.head!;
    await next.advance();
  }
  await source.close();
}

class Log {
  readonly #source: EventSource;
  readonly #partition: number;
  #events: ClickEvent[] = [];
  #at = 0;
  #last = false;

  private constructor(source: EventSource, partition: number) {
    this.#source = source;
    this.#partition = partition;
  }

  static async open(source: EventSource, partition: number): Promise<Log> {
    const log = new Log(source, partition);
    await log.#fill();
    return log;
  }

  get head(): ClickEvent | null {
    return this.#events[this.#at] ?? null;
  }

  async advance(): Promise<void> {
    this.#at++;
    await this.#fill();
  }

  async #fill(): Promise<void> {
    while (this.#at >= this.#events.length && !this.#last) {
      const { records, last } = await this.#source.read(this.#partition, 4096);
      this.#events = records.flatMap((record) => (record.ok ? [record.value] : []));
      this.#at = 0;
      this.#last = last;
    }
  }
}
