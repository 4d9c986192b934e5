import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { ClickEvent, Decoded } from '../../../../src/core/index.js';
import type { RecordReader } from '../../../../src/sources/files/row-mapper.js';
import { sortLog } from '../../../../src/sources/files/sorted-log.js';

const directory = await mkdtemp(join(tmpdir(), 'dadin-sort-test-'));
afterAll(() => rm(directory, { recursive: true, force: true }));

function good(time: number, row: number, itemId = `i${row}`): Decoded<ClickEvent> {
  return {
    ok: true,
    value: {
      eventId: `0:${row}`,
      kind: 'impression',
      impressionId: `0:${row}`,
      eventTimeMs: time,
      domain: 'target',
      userId: 'ü',
      itemId,
      clicked: row % 2 === 0,
      userFeatures: [{ name: 'constructor', values: ['x'] }],
      itemFeatures: [],
      row,
    },
  };
}

const BAD: Decoded<ClickEvent> = {
  ok: false,
  bad: { code: 'DADIN_RECORD_FIELD', reason: 'none', original: new Uint8Array([1, 255, 0]) },
};

/** null stands for a bad record. */
function logOf(times: readonly (number | null)[], itemBytes = 1): Decoded<ClickEvent>[] {
  return times.map((time, row) => (time === null ? BAD : good(time, row, `${row}${'x'.repeat(itemBytes)}`)));
}

function readerOf(records: readonly Decoded<ClickEvent>[]): RecordReader<Decoded<ClickEvent>> {
  return {
    expectedRecords: null,
    async read(max, row, out) {
      out.push(...records.slice(row, row + max));
      return row + max < records.length;
    },
    skip: () => Promise.resolve(0),
    close: () => Promise.resolve(),
  };
}

async function drain(reader: RecordReader<Decoded<ClickEvent>>, atOnce = 100): Promise<Decoded<ClickEvent>[]> {
  const out: Decoded<ClickEvent>[] = [];
  while (await reader.read(atOnce, out.length, out));
  await reader.close();
  return out;
}

/** The stable sort that the standard library makes of the whole log at once. */
function oracle(records: readonly Decoded<ClickEvent>[]): Decoded<ClickEvent>[] {
  let time = Number.NEGATIVE_INFINITY;
  const keyed = records.map((record) => {
    if (record.ok) time = record.value.eventTimeMs;
    return { time, record };
  });
  return keyed.sort((a, b) => (a.time === b.time ? 0 : a.time - b.time)).map(({ record }) => record);
}

const times = fc.array(fc.option(fc.integer({ min: -5, max: 40 }), { freq: 8 }), { maxLength: 400 });

describe('sorting a log', () => {
  it.each([
    ['in memory', 1 << 20],
    ['through temporary files', 10_000],
  ])('%s is the stable sort by event time, with bad records behind the good one before them', async (_, memory) => {
    await fc.assert(
      fc.asyncProperty(times, async (drawn) => {
        const records = logOf(drawn);
        const { reader, records: count } = await sortLog(readerOf(records), memory, directory);
        expect(count).toBe(records.length);
        expect(await drain(reader)).toEqual(oracle(records));
      }),
      { numRuns: 60 },
    );
  });

  it('merges in steps when there are many runs, and takes records longer than its slabs', async () => {
    const drawn = Array.from({ length: 6000 }, (_, i) => (i * 7919) % 6007);
    const records = logOf(drawn);
    records.push(good(3000, records.length, 'y'.repeat(50_000)));
    const { reader, spilledRuns, outOfOrder } = await sortLog(readerOf(records), 6_000, directory);
    expect(spilledRuns).toBeGreaterThan(64);
    expect(outOfOrder).toBeGreaterThan(1000);
    expect(await drain(reader, 77)).toEqual(oracle(records));
  });

  it('passes over records as if they had been read', async () => {
    const records = logOf(Array.from({ length: 500 }, (_, i) => (i * 37) % 101));
    const expected = oracle(records);
    for (const memory of [1 << 20, 10_000]) {
      for (const start of [0, 1, 250, 500]) {
        const { reader } = await sortLog(readerOf(records), memory, directory);
        expect(await reader.skip(start)).toBe(start);
        expect(await drain(reader)).toEqual(expected.slice(start));
      }
      const { reader } = await sortLog(readerOf(records), memory, directory);
      expect(await reader.skip(501)).toBe(500);
      await reader.close();
    }
  });

  it('leaves no files behind, even while it is read', async () => {
    const { reader, spilledRuns } = await sortLog(readerOf(logOf(new Array<number>(2000).fill(1))), 10_000, directory);
    expect(spilledRuns).toBeGreaterThan(1);
    expect(await readdir(directory)).toEqual([]);
    await reader.close();
  });

  it('says what to do when there is no place for temporary files', async () => {
    const sorting = sortLog(readerOf(logOf(new Array<number>(2000).fill(1))), 10_000, join(directory, 'missing'));
    await expect(sorting).rejects.toMatchObject({ code: 'DADIN_SOURCE_UNREADABLE' });
  });
});
