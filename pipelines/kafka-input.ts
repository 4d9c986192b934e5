import {
  createAvroEventDecoder,
  createConfluentEventDecoder,
  createJsonEventDecoder,
  type SchemaRegistry,
} from '../src/codec/index.js';
import type { Config } from '../src/config/index.js';
import { bug, DadinError } from '../src/core/index.js';
import { createKafka, kafkaNotices } from '../src/kafka/index.js';
import {
  KafkaSource,
  parseStart,
  type StartRule,
  type StopRule,
  type TopicOptions,
} from '../src/sources/kafka/index.js';
import { kafkaConnection } from './kafka-connection.js';
import { schemaRegistry } from './schema-registry.js';

export interface TopicReading {
  readonly baseDirectory: string;
  /** Whether reading must end: then `never` means the end as it is now, and brokers that stay away are an error. */
  readonly bounded: boolean;
  /** Where partitions begin that have no position yet; as configured where it is left out. */
  readonly start?: StartRule;
  readonly notice: (message: string) => void;
}

/** How long a bounded run waits for brokers that do not answer. */
const GIVE_UP_AFTER_MS = 60_000;

type KafkaInput = Config['input']['kafka'];

/** The configured topics, connected: see KafkaSource. */
export async function connectTopics(config: Config, reading: TopicReading): Promise<KafkaSource> {
  const { bounded, baseDirectory, notice } = reading;
  const { kafka: input } = config.input;
  const places = { env: process.env, baseDirectory };
  const kafka = createKafka(await kafkaConnection(config.kafka, places), kafkaNotices(notice));
  const needsRegistry = input.topics.some(({ format }) => format === 'confluent');
  const registry = needsRegistry ? await schemaRegistry(config.kafka.registry, places) : null;
  return await KafkaSource.connect(kafka, {
    topics: input.topics.map((topic) => topicOptions(topic, input.maxMessageBytes, registry)),
    start: reading.start ?? startRule(input.start, Date.now()),
    stop: bounded && input.stop === 'never' ? 'end' : stopRule(input.stop),
    onLost: input.onLost,
    maxBytesPerPartition: input.maxBytesPerPartition,
    maxWaitMs: input.maxWaitMs,
    giveUpAfterMs: bounded ? GIVE_UP_AFTER_MS : null,
    discoverEveryMs: bounded ? null : input.discoverEveryMs,
    notice,
  });
}

function topicOptions(
  { topic, domain, format }: KafkaInput['topics'][number],
  maxBytes: number,
  registry: SchemaRegistry | null,
): TopicOptions {
  const options = { domain: domain === 'message' ? null : domain, maxBytes };
  switch (format) {
    case 'json':
      return { topic, decode: createJsonEventDecoder(options) };
    case 'avro':
      return { topic, decode: createAvroEventDecoder(options) };
    case 'confluent':
      return { topic, ...createConfluentEventDecoder(options, registry ?? bug('a registry was not made')) };
  }
}

function startRule(start: KafkaInput['start'], nowMs: number): StartRule {
  if (typeof start === 'object') return offsetsOf(start.offsets);
  return parseStart(start, nowMs) ?? impossible('input.kafka.start', start);
}

function stopRule(stop: KafkaInput['stop']): StopRule {
  if (typeof stop !== 'object') return stop;
  if ('offsets' in stop) return { offsets: offsetsOf(stop.offsets) };
  return 'time' in stop ? { timeMs: Date.parse(stop.time) } : stop;
}

function offsetsOf(offsets: Readonly<Record<string, number | string>>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(offsets).map(([name, offset]) => [name, BigInt(offset)]));
}

function impossible(key: string, got: string): never {
  throw new DadinError('DADIN_CONFIG_INVALID', `${key} is no place to begin at`, { step: 'configure', got });
}
