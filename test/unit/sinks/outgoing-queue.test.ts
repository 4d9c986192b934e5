import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBySize, OutgoingQueue, type OutgoingRecord } from '../../../src/sinks/kafka/outgoing-queue.js';

const record = (bytes: number, key = 'k'): OutgoingRecord => ({ topic: 't', key, value: Buffer.alloc(bytes) });
const sizes = fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 40 });

describe('OutgoingQueue', () => {
  it('gives the oldest first, bounded by bytes but one at least, until they are dropped', () => {
    const queue = new OutgoingQueue();
    for (const [i, bytes] of [300, 10, 10, 5_000].entries()) queue.push(record(bytes, String(i)));
    expect(queue.head(0).map(({ key }) => key)).toEqual(['0']);
    expect(queue.head(700).map(({ key }) => key)).toEqual(['0', '1', '2']);
    queue.drop(3);
    expect(queue.head(700).map(({ key }) => key)).toEqual(['3']);
  });

  it('weighs nothing once empty, whatever was in it', () => {
    fc.assert(
      fc.property(sizes, (bytes) => {
        const queue = new OutgoingQueue();
        for (const size of bytes) queue.push({ ...record(size), headers: { reason: 'ü'.repeat(size % 7) } });
        expect(queue.bytes).toBeGreaterThanOrEqual(bytes.reduce((a, b) => a + b, 0));
        while (!queue.isEmpty) queue.drop(queue.head(700).length);
        expect(queue.bytes).toBe(0);
      }),
    );
  });
});

it('cutBySize keeps every record in order, and no run of several beyond the limit', () => {
  fc.assert(
    fc.property(sizes, (bytes) => {
      const records = bytes.map((size, i) => record(size, String(i)));
      const runs = cutBySize(records, 700);
      expect(runs.flat()).toEqual(records);
      for (const run of runs) {
        const total = run.reduce((sum, { value }) => sum + (value as Buffer).length, 0);
        expect(run.length === 1 || total <= 700).toBe(true);
      }
    }),
  );
});
