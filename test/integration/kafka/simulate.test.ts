import { describe, expect, it } from 'vitest';
import { simulateToKafka } from '../../../pipelines/simulate-to-kafka.js';
import {
  createAvroEventDecoder,
  createConfluentEventDecoder,
  createJsonEventDecoder,
  type RegistryEventDecoder,
} from '../../../src/codec/index.js';
import { defaultConfig } from '../../../src/config/index.js';
import type { ClickEvent } from '../../../src/core/index.js';
import { createKafka } from '../../../src/kafka/index.js';
import { HttpRegistry } from '../../../src/registry/index.js';
import { createSyntheticSource } from '../../../src/sources/synthetic/index.js';
import { connectionTo, errorsOnly, noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { readCommitted } from '../../kafka/read-committed.js';
import { hasRegistry, startRegistry } from '../../kafka/registry.js';

const OPTIONS = { domain: null, maxBytes: 100_000 };
const kafka = createKafka(connectionTo(sharedBrokers), errorsOnly);

/** Sends a stream to new topics of a format; returns what stands in them, and what should. */
async function sent(format: string, decoder: RegistryEventDecoder, overrides: readonly string[] = [], rate?: number) {
  const topics = { target: uniqueName('ads'), source: uniqueName('news') };
  const listed = `[{topic: ${topics.target}, domain: target, format: ${format}}, {topic: ${topics.source}, domain: source, format: ${format}}]`;
  const config = defaultConfig([
    `kafka.brokers=${JSON.stringify(sharedBrokers)}`,
    `input.kafka.topics=${listed}`,
    'input.synthetic.events=1500',
    ...overrides,
  ]);
  const report = await simulateToKafka({
    config,
    baseDirectory: '.',
    eventsPerSecond: rate ?? null,
    stop: new AbortController().signal,
    notice: () => {},
  });
  expect(report.topics).toEqual(topics);
  expect([...report.created].sort()).toEqual(Object.values(topics).sort());
  const events: ClickEvent[] = [];
  for (const topic of Object.values(topics)) {
    const values = (await readCommitted(kafka, topic)).map(({ bytes }) => bytes!);
    await decoder.prepare(values);
    for (const bytes of values) {
      const decoded = decoder.decode(bytes, null);
      if (decoded.ok) events.push(decoded.value);
    }
  }
  const expected: ClickEvent[] = [];
  const source = createSyntheticSource(config.input.synthetic);
  await source.open([0n, 0n]);
  for (const partition of [0, 1]) {
    const { records } = await source.read(partition, 10_000);
    for (const record of records) if (record.ok) expected.push(record.value);
  }
  expect(report.events.target + report.events.source).toBe(expected.length);
  return { events, expected, report };
}

const byUser = (events: readonly ClickEvent[]): [string, string[]][] => {
  const users = new Map<string, string[]>();
  for (const { userId, domain, eventId } of events)
    users.set(`${domain} ${userId}`, [...(users.get(`${domain} ${userId}`) ?? []), eventId]);
  return [...users].sort(([a], [b]) => (a < b ? -1 : 1));
};

describe.skipIf(noKafka)('simulate --to kafka', () => {
  it.each([
    ['json', createJsonEventDecoder(OPTIONS)],
    ['avro', createAvroEventDecoder(OPTIONS)],
  ])("sends the stream as %s, each user's events in order", async (format, decode) => {
    const { events, expected } = await sent(format, { prepare: async () => {}, decode });
    expect(byUser(events)).toEqual(byUser(expected));
    expect(new Set(events.map((event) => JSON.stringify(event)))).toEqual(
      new Set(expected.map((event) => JSON.stringify(event))),
    );
  });

  it('sends impressions and clicks apart, at a rate', async () => {
    const decoder = { prepare: async () => {}, decode: createJsonEventDecoder(OPTIONS) };
    const { events, expected, report } = await sent('json', decoder, ['input.synthetic.messages={}'], 1_000);
    expect(byUser(events)).toEqual(byUser(expected));
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['impression', 'click']));
    expect(report.eventsPerSecond).toBeLessThan(1_100); // never faster; how much slower is the machine's affair
  });

  it.skipIf(!hasRegistry)('registers its schema and sends the Confluent wire format', async () => {
    const running = await startRegistry();
    try {
      const registry = new HttpRegistry({ url: running.url, authorization: null, timeoutMs: 5_000 });
      const decoder = createConfluentEventDecoder(OPTIONS, registry);
      const { events, expected } = await sent('confluent', decoder, [`kafka.registry={url: "${running.url}"}`]);
      expect(byUser(events)).toEqual(byUser(expected));
    } finally {
      await running.stop();
    }
  });
});
