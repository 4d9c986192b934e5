import { join } from 'node:path';
import type { Kafka } from 'kafkajs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../../../src/checkpoint/index.js';
import type { ClickEvent, Domain } from '../../../src/core/index.js';
import { temporaryDirectory } from '../../drills/command-line.js';
import { runInProcess } from '../../drills/kafka/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, syntheticEvents, type Topics, topicsConfig } from '../../kafka/topics.js';

const HOUR_MS = 3_600_000;
/** Records of each topic, an hour and a half apart; the last has just been written. */
const RECORDS = 100;
const APART_MS = 1.5 * HOUR_MS;
const DAY = 16;

describe.skipIf(noKafka)('a run over topics', () => {
  let kafka: Kafka;
  let topics: Topics;
  let nowMs: number;
  /** Time of the record at an offset; both topics have the same. */
  const timeOf = (offset: number): number =>
    offset < RECORDS ? nowMs - (RECORDS - 1 - offset) * APART_MS : nowMs + offset;
  const between = (offset: number): string => new Date(timeOf(offset) - APART_MS / 2).toISOString();

  async function written(first: number): Promise<Readonly<Record<Domain, ClickEvent[]>>> {
    const events = await syntheticEvents({ preset: 'test', seed: 4, events: 600, sourceRatio: 1, messages: null });
    const timed = (list: ClickEvent[]): ClickEvent[] =>
      list.slice(first, first + RECORDS).map((event, i) => ({ ...event, eventTimeMs: timeOf(first + i), row: -1 }));
    return { target: timed(events.target), source: timed(events.source) };
  }

  beforeAll(async () => {
    kafka = kafkaAt(sharedBrokers);
    topics = await createTopics(kafka, 1);
    nowMs = Date.now();
    await produce(kafka, topics, await written(0));
  });

  const offsets = (target: number, source: number) => ({
    offsets: { [`${topics.target}/0`]: target, [`${topics.source}/0`]: source },
  });

  async function learn(
    start: unknown,
    stop: unknown,
    directory = temporaryDirectory('start'),
    started = async (): Promise<void> => {},
  ) {
    const input = { groupId: uniqueName('start'), start, stop, idleTimeoutMs: HOUR_MS, maxWaitMs: 100 };
    const config = topicsConfig(sharedBrokers, topics, input);
    const observer = { started: () => void started() };
    const summary = await runInProcess(config, join(directory, 'checkpoints'), [], { observer }).finished;
    const { positions } = await readManifest(summary!.checkpoint!);
    return {
      events: summary!.events,
      target: Number(positions[`${topics.target}/0`]),
      source: Number(positions[`${topics.source}/0`]),
    };
  }

  it.each([
    ['earliest', () => 'earliest', 0],
    ['how long ago', () => '3d', RECORDS - 3 * DAY],
    ['a time', () => between(30), 30],
  ])('starts at %s, and stops at the end that the topics have', async (_, start, first) => {
    expect(await learn(start(), 'end')).toEqual({ events: 2 * (RECORDS - first), target: RECORDS, source: RECORDS });
  });

  it('starts at offsets and stops at offsets', async () => {
    expect(await learn(offsets(10, 20), offsets(60, 45))).toEqual({ events: 50 + 25, target: 60, source: 45 });
  });

  it('stops before a time', async () => {
    expect(await learn('earliest', { time: between(40) })).toEqual({ events: 80, target: 40, source: 40 });
  });

  it('stops after so many records', async () => {
    const { events, target, source } = await learn('earliest', { records: 33 });
    expect(events).toBe(33);
    expect(target + source, 'nothing is passed over').toBe(33);
  });

  it('stops once nothing has come for so long', async () => {
    expect(await learn(offsets(90, 90), { idleMs: 400 })).toEqual({ events: 20, target: RECORDS, source: RECORDS });
  });

  it('goes on from its checkpoint, whatever the start says then', async () => {
    const directory = temporaryDirectory('goes-on');
    expect(await learn(offsets(50, 50), { time: between(70) }, directory)).toMatchObject({ events: 40 });
    expect(await learn('earliest', 'end', directory)).toEqual({ events: 100, target: RECORDS, source: RECORDS });
  });

  // the last: the topics grow
  it('starts at the latest: what was written before is not read', async () => {
    const more = async (): Promise<void> => produce(kafka, topics, await written(RECORDS));
    const learned = await learn('latest', { records: 2 * RECORDS }, undefined, more);
    expect(learned).toEqual({ events: 2 * RECORDS, target: 2 * RECORDS, source: 2 * RECORDS });
  });
});
