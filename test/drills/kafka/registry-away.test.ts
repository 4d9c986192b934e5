import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import avro from 'avsc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { simulateToKafka } from '../../../pipelines/simulate-to-kafka.js';
import { frame } from '../../../src/codec/confluent-framing.js';
import { CLICK_EVENT_SCHEMA } from '../../../src/codec/index.js';
import { parseConfig } from '../../../src/config/index.js';
import type { ClickEvent } from '../../../src/core/index.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

/** A registry of which the first schema has id 1, which can be made to fail. */
class Registry {
  isAway = false;
  refused = 0;
  readonly #schemas: string[] = [];
  readonly #server = createServer((request, response) => {
    if (this.isAway) {
      this.refused++;
      response.writeHead(503).end();
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      response.end(
        JSON.stringify(
          request.method === 'POST'
            ? { id: this.add((JSON.parse(body) as { schema: string }).schema) }
            : { schema: this.#schemas[Number(request.url?.split('/').at(-1)) - 1] },
        ),
      );
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The id of the schema. */
  add(schema: string): number {
    if (!this.#schemas.includes(schema)) this.#schemas.push(schema);
    return this.#schemas.indexOf(schema) + 1;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const SYNTHETIC = { preset: 'test', seed: 5, events: 2000 };
const EVENTS = 2000;

describe.skipIf(noKafka)('registry down', () => {
  let registry: Registry;
  beforeEach(() => {
    registry = new Registry();
  });
  afterEach(() => registry.stop());

  it('holds the reading of events whose schema is not known yet, and loses none: the digest is that of the log itself', async () => {
    const url = await registry.start();
    const config = {
      kafka: { brokers: sharedBrokers, registry: { url } },
      input: {
        kind: 'kafka',
        synthetic: SYNTHETIC,
        kafka: {
          topics: [
            { topic: uniqueName('ads'), domain: 'target', format: 'confluent' },
            { topic: uniqueName('news'), domain: 'source', format: 'confluent' },
          ],
        },
      },
      features: { shared: ['topic'] },
    };
    await simulateToKafka({
      config: parseConfig(JSON.stringify(config), 'test'),
      baseDirectory: '.',
      eventsPerSecond: null,
      stop: new AbortController().signal,
      notice: () => {},
    });
    registry.isAway = true;
    const notices: string[] = [];
    const replayed = replayInProcess(config, [], '.', undefined, undefined, (message) => notices.push(message));
    await expect.poll(() => registry.refused, { timeout: 30_000 }).toBeGreaterThan(3);
    await expect
      .poll(() => notices[0] ?? '', { timeout: 30_000 })
      .toContain('the schema registry does not answer: HTTP status 503');
    registry.isAway = false;
    const expected = await replayInProcess({ input: { synthetic: SYNTHETIC }, features: { shared: ['topic'] } }, []);
    const summary = await replayed;
    expect(summary).toMatchObject({ events: SYNTHETIC.events, deadLetters: 0 });
    expect(summary.digest).toBe(expected.digest);
  });

  it('at the start of a live run and again when a writer with another schema comes: it waits, then reads old and new alike', async () => {
    const url = await registry.start();
    const fields = JSON.parse(CLICK_EVENT_SCHEMA) as { fields: { name: string; type: unknown }[] };
    const schemaOf = (change: typeof fields.fields) => JSON.stringify({ ...fields, fields: change });
    // the old writer knows no domains, the new one has put a field of its own first
    const writers = {
      old: writer(registry, schemaOf(fields.fields.filter(({ name }) => name !== 'domain'))),
      now: writer(registry, CLICK_EVENT_SCHEMA),
      new: writer(registry, schemaOf([{ name: 'device', type: 'string' }, ...fields.fields])),
    };
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 2);
    const { target, source } = await drillEvents(EVENTS);
    const mixed = (event: ClickEvent, i: number): Buffer => (i % 2 === 0 ? writers.old : writers.now)(event);
    const part = (from: number, to: number, encode: Encode) =>
      produce(kafka, topics, { target: target.slice(from, to), source: source.slice(from, to) }, encode);
    await part(0, 500, mixed);

    const json = await createTopics(kafka, 1);
    await produce(kafka, json, { target, source });
    const input = { idleTimeoutMs: 600_000, groupId: uniqueName('registry') };
    const plain = topicsConfig(sharedBrokers, topics, input);
    const config = {
      ...plain,
      kafka: { ...plain.kafka, registry: { url } },
      input: {
        ...plain.input,
        kafka: {
          ...plain.input.kafka,
          topics: plain.input.kafka.topics.map((topic) => ({ ...topic, format: 'confluent' })),
        },
      },
    };
    let seen = 0;
    const observer = {
      turn({ turn }: { readonly turn: { readonly events: number } }) {
        seen = turn.events;
      },
    };
    registry.isAway = true;
    const overrides = [`input.kafka.stop={records: ${EVENTS}}`];
    const live = runInProcess(config, join(temporaryDirectory('registry'), 'c'), overrides, { observer });
    await expect.poll(() => live.notices.join(), { timeout: 30_000 }).toContain('the schema registry does not answer');
    expect(seen).toBe(0);
    registry.isAway = false;
    await expect.poll(() => seen, { timeout: 30_000 }).toBeGreaterThan(500);

    registry.isAway = true;
    const before = registry.refused;
    await part(500, EVENTS, (event, i) => (i % 3 === 0 ? writers.new(event) : mixed(event, i)));
    await expect.poll(() => registry.refused, { timeout: 30_000 }).toBeGreaterThan(before + 3);
    registry.isAway = false;
    const summary = await live.finished;
    expect(summary).toMatchObject({ events: EVENTS, deadLetters: 0, late: 0 });
    expect(outcome(summary!)).toEqual(
      outcome(await replayInProcess(topicsConfig(sharedBrokers, json), ['batching.size=16'])),
    );
  });
});

type Encode = NonNullable<Parameters<typeof produce>[3]>;

/** Writes events in the Confluent wire format under a schema of its own. */
function writer(registry: Registry, schema: string): (event: ClickEvent) => Buffer {
  const id = registry.add(schema);
  const type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema);
  return ({ row, ...event }) => frame(id, type.toBuffer({ ...event, row: row < 0 ? null : row, device: 'phone' }));
}
