import fc from 'fast-check';
import { expect } from 'vitest';
import type { ClickEvent, Decoded, EventSource } from '../../src/core/index.js';

interface Log {
  readonly firsts: readonly bigint[];
  readonly records: readonly Decoded<ClickEvent>[];
}

/** Reads a partition to its end in chunks of the given sizes, over and over. */
async function readLog(source: EventSource, partition: number, sizes: readonly number[]): Promise<Log> {
  const firsts: bigint[] = [];
  const records: Decoded<ClickEvent>[] = [];
  for (let i = 0; ; i++) {
    const size = sizes[i % sizes.length]!;
    const chunk = await source.read(partition, size);
    expect(chunk.partition).toBe(partition);
    expect(chunk.records.length).toBeLessThanOrEqual(size);
    if (!chunk.last) expect(chunk.records.length).toBeGreaterThan(0);
    for (let k = 0; k < chunk.records.length; k++) firsts.push(chunk.first + BigInt(k));
    records.push(...chunk.records);
    if (chunk.last) return { firsts, records };
  }
}

async function reading<T>(
  create: () => Promise<EventSource>,
  from: (partitions: number) => bigint[],
  action: (source: EventSource) => Promise<T>,
): Promise<T> {
  const source = await create();
  try {
    await source.open(from(source.partitions.length));
    return await action(source);
  } finally {
    await source.close();
  }
}

const fromStart = (partitions: number): bigint[] => new Array<bigint>(partitions).fill(0n);

export function readAll(create: () => Promise<EventSource>, sizes: readonly number[]): Promise<Log[]> {
  return reading(create, fromStart, async (source) => {
    const logs: Log[] = [];
    for (let i = 0; i < source.partitions.length; i++) logs.push(await readLog(source, i, sizes));
    return logs;
  });
}

/** What every source with a bounded log of a few hundred records in order of event time does. */
export const EVENT_SOURCE_LAWS: readonly [string, (create: () => Promise<EventSource>) => Promise<void>][] = [
  [
    'has named partitions that hold something',
    async (create) => {
      const source = await create();
      const names = source.partitions.map(({ name }) => name);
      await source.close();
      expect(source.name).not.toBe('');
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
      for (const log of await readAll(create, [1000])) expect(log.records.length).toBeGreaterThan(50);
    },
  ],

  [
    'numbers the records of a partition without gaps, from 0, in order of event time',
    async (create) => {
      for (const { firsts, records } of await readAll(create, [64])) {
        expect(firsts).toEqual(records.map((__, i) => BigInt(i)));
        const times = records.flatMap((record) => (record.ok ? [record.value.eventTimeMs] : []));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
    },
  ],

  [
    'gives the same records whatever the sizes of the chunks',
    async (create) => {
      const whole = await readAll(create, [100_000]);
      const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(sizes, async (drawn) => {
          expect(await readAll(create, drawn)).toEqual(whole);
        }),
        { numRuns: 5, examples: [[[1]]] },
      );
    },
  ],

  [
    'goes on from any position as if it had never stopped',
    async (create) => {
      const whole = await readAll(create, [1000]);
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.nat()), async (draws) => {
          const from = whole.map(({ records }) => (draws.next().value as number) % (records.length + 1));
          await reading(
            create,
            () => from.map(BigInt),
            async (source) => {
              for (const [i, { firsts, records }] of whole.entries()) {
                const tail = await readLog(source, i, [97]);
                expect(tail.firsts).toEqual(firsts.slice(from[i]));
                expect(tail.records).toEqual(records.slice(from[i]));
              }
            },
          );
        }),
        { numRuns: 8 },
      );
      await reading(
        create,
        () => whole.map(({ records }) => BigInt(records.length)),
        async (source) => {
          for (const [i, { records }] of whole.entries()) {
            const end = await source.read(i, 10);
            expect(end).toMatchObject({ partition: i, first: BigInt(records.length), records: [], last: true });
          }
        },
      );
    },
  ],

  [
    'keeps its partitions apart when they are read in turn',
    async (create) => {
      const whole = await readAll(create, [1000]);
      await reading(create, fromStart, async (source) => {
        const heads = whole.map(() => [] as Decoded<ClickEvent>[]);
        for (let round = 0; round < 3; round++) {
          for (const head of heads.keys()) heads[head]!.push(...(await source.read(head, 7)).records);
        }
        expect(heads).toEqual(whole.map(({ records }) => records.slice(0, 21)));
      });
    },
  ],

  [
    'may be closed before it is opened, and before its end',
    async (create) => {
      const unopened = await create();
      await expect(unopened.close()).resolves.toBeUndefined();
      const source = await create();
      await source.open(fromStart(source.partitions.length));
      await source.read(0, 3);
      await expect(source.close()).resolves.toBeUndefined();
    },
  ],
];
