import { createHash } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { type DadinError, Scorer, VersionFollower, VersionTopic } from '../../../src/client/index.js';
import { SeededRandom } from '../../../src/core/index.js';
import { encodeServing, type LogRecord } from '../../../src/versions/index.js';
import { MemoryLog } from '../versions/memory-log.js';
import { PublishingRun } from './publishing-run.js';

// Whatever stands in the topic: the model in use is one that the learner published, to the byte, or none.

const KEYS = ['publish.everySteps=5', 'publish.fullEvery=3', 'publish.keep=100'];

let good: readonly LogRecord[];
/** Of every version published, by digest: SHA-256 of all it holds. */
const published = new Map<string, string>();
let newest = 0;

beforeAll(async () => {
  const log = new MemoryLog();
  const run = await PublishingRun.start(new VersionTopic(log, 'm'), KEYS, 1200);
  const { scorer, follower } = await reader(log.again());
  while (await run.toNextVersion()) {
    await follower.advance();
    published.set(scorer.version!.digest, contentOf(scorer));
    newest = scorer.version!.number;
  }
  good = log.records;
  expect(newest).toBeGreaterThan(10);
});

async function reader(log: MemoryLog) {
  const problems: DadinError[] = [];
  const scorer = await Scorer.create();
  const follower = new VersionFollower(new VersionTopic(log, 'm'), scorer, (problem) => problems.push(problem));
  const codes = () => [...new Set(problems.map(({ code }) => code))];
  return { scorer, follower, codes };
}

function contentOf(scorer: Scorer): string {
  return createHash('sha256')
    .update(encodeServing(scorer.whole('')))
    .digest('hex');
}

/** Follows the records in pieces; checks after each that what is loaded is what was published. */
async function follow(records: readonly LogRecord[], pieces = 7) {
  const log = new MemoryLog();
  const { scorer, follower, codes } = await reader(log.again());
  for (let k = 0; k < pieces; k++) {
    const piece = records.slice((k * records.length) / pieces, ((k + 1) * records.length) / pieces);
    for (const record of piece) await log.append(record);
    await follower.advance();
    if (scorer.version !== null) expect(contentOf(scorer)).toBe(published.get(scorer.version.digest));
  }
  return { number: scorer.version?.number ?? 0, codes: codes() };
}

const isChunk = ({ key }: LogRecord) => key.includes('/chunk/');
const versionOf = ({ key }: LogRecord) => Number(key.split('/')[1]);

function changed(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

it('comes to the newest version from the whole topic, read at once or in pieces', async () => {
  expect(await follow(good, 1)).toEqual({ number: newest, codes: [] });
  expect(await follow(good, 50)).toEqual({ number: newest, codes: [] });
});

it('comes to it from a compacted topic', async () => {
  expect(await follow(new MemoryLog([...good]).compacted().records)).toEqual({ number: newest, codes: [] });
});

it('records in any order and twice make the same versions', async () => {
  const random = new SeededRandom(1, 'shuffle');
  const twice = [...good, ...good].map((record) => ({ record, at: random.next() }));
  const shuffled = twice.sort((a, b) => a.at - b.at).map(({ record }) => record);
  const { number } = await follow(shuffled);
  expect(number).toBe(newest);
});

it.each([
  ['truncated', (value: Uint8Array) => value.subarray(0, value.length - 1)],
  ['replaced', changed],
  ['empty', () => new Uint8Array(0)],
])('a chunk that is %s: the version is refused, the next full one loaded', async (_, damage) => {
  const deltas = good.filter(isChunk).map(versionOf);
  for (const victim of [deltas[1]!, deltas[4]!]) {
    const records = good.map((record) =>
      isChunk(record) && versionOf(record) === victim ? { ...record, value: damage(record.value!) } : record,
    );
    const { number, codes } = await follow(records);
    expect(codes).toContain('DADIN_VERSION_UNREADABLE');
    expect(number).toBe(newest);
  }
});

it('a manifest whose digest lies is refused', async () => {
  const records = good.map((record) =>
    !isChunk(record) && versionOf(record) === newest ? { ...record, value: changed(record.value!) } : record,
  );
  const { number, codes } = await follow(records);
  expect(codes).toEqual(['DADIN_VERSION_UNREADABLE']);
  expect(number).toBe(newest - 1);
});

it('a version of a newer format is refused with its own code', async () => {
  const records = good.map((record) => {
    if (isChunk(record) || versionOf(record) !== newest) return record;
    const text = Buffer.from(record.value!).toString('utf8');
    const body = text.slice(65).replace('"format": 1', '"format": 2');
    const digest = createHash('sha256').update(body).digest('hex');
    return { ...record, value: Buffer.from(`${digest}\n${body}`) };
  });
  expect(await follow(records)).toEqual({ number: newest - 1, codes: ['DADIN_VERSION_FORMAT'] });
});

it('a topic that lost the base: nothing is loaded until a full version comes', async () => {
  const fulls = new Set(good.filter((record) => !isChunk(record) && isFull(record)).map(versionOf));
  const base = [...fulls].find((number) => number > 1 && !fulls.has(number + 1))!;
  const next = [...fulls].find((number) => number > base)!;
  const lost = good.filter((record) => versionOf(record) > base && versionOf(record) < next);
  expect(await follow(lost)).toEqual({ number: 0, codes: ['DADIN_VERSION_GAP'] });
  const { number, codes } = await follow(good.filter((record) => versionOf(record) > base));
  expect(number).toBe(newest);
  expect(codes).toEqual(['DADIN_VERSION_GAP']);
});

it("another learner's versions under the same name are refused", async () => {
  const other = new MemoryLog();
  const run = await PublishingRun.start(new VersionTopic(other, 'm'), [...KEYS, 'seed=2'], 1200);
  await run.toEnd();
  const half = good.length >> 1;
  const log = new MemoryLog([...good.slice(0, half)]);
  const { scorer, follower, codes } = await reader(log);
  await follower.advance();
  const before = scorer.version?.number;
  for (const record of other.records.slice(-8)) log.records.push(record);
  await follower.advance();
  expect(scorer.version?.number).toBe(before);
  expect(contentOf(scorer)).toBe(published.get(scorer.version!.digest));
  expect(codes()).toContain('DADIN_VERSION_FOREIGN');
});

it('versions of other names on the topic are none of its business', async () => {
  const renamed = good.map((record) => ({ ...record, key: record.key.replace('m/', 'm/x/') }));
  expect(await follow([...good, ...renamed])).toEqual({ number: newest, codes: [] });
});

it('a pin holds it at a version, also an older one, until it is released', async () => {
  const log = new MemoryLog([...good]);
  const { scorer, follower, codes } = await reader(log.again());
  await follower.advance();
  const sink = new VersionTopic(log.again(), 'm');
  const target = (await sink.kept()).find(({ number }) => number === newest - 4)!;
  await sink.pin({ number: target.number, digest: target.digest, reason: 'bad day' });
  expect(await follower.advance()).toBe(true);
  expect(scorer.version?.number).toBe(newest - 4);
  expect(contentOf(scorer)).toBe(published.get(target.digest));
  expect(await sink.pinned()).toMatchObject({ number: newest - 4, reason: 'bad day' });
  expect(await follower.advance()).toBe(false);
  await sink.pin(null);
  await follower.advance();
  expect(scorer.version?.number).toBe(newest);
  expect(codes()).toEqual([]);
});

function isFull({ value }: LogRecord): boolean {
  return Buffer.from(value!).includes('"kind": "full"');
}
