import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ClickEvent, Decoded } from '../../../../src/core/index.js';
import { PartitionQueue } from '../../../../src/sources/kafka/partition-queue.js';

function record(offset: bigint): Decoded<ClickEvent> {
  return { ok: false, bad: { code: 'DADIN_RECORD_MALFORMED', reason: String(offset), original: null } };
}

it('gives every record at its position, tells every gap, and counts its bytes, whatever is taken at once', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ put: fc.integer({ min: 0, max: 3 }) }), // after so many positions without a record
      fc.record({ skip: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ take: fc.integer({ min: 1, max: 5 }) }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (drawn) => {
      const queue = new PartitionQueue(7n);
      const put: bigint[] = [];
      const taken: bigint[] = [];
      let end = 7n;
      const take = (most: number): void => {
        const before = queue.position;
        const { first, records } = queue.take(most);
        expect(first).toBeGreaterThanOrEqual(before);
        if (first > before) expect(records, 'a gap comes by itself').toEqual([]);
        expect(records.length).toBeLessThanOrEqual(most);
        for (const [i, { ok, ...rest }] of records.entries()) {
          expect({ ok, ...rest }).toEqual(record(first + BigInt(i)));
          taken.push(first + BigInt(i));
        }
        expect(queue.position).toBe(first + BigInt(records.length));
      };
      for (const step of drawn) {
        if ('put' in step) {
          const offset = end + BigInt(step.put);
          queue.put(offset, record(offset), 10);
          put.push(offset);
          end = offset + 1n;
        } else if ('skip' in step) {
          end += BigInt(step.skip);
          queue.skipTo(end);
        } else take(step.take);
        expect(queue.bytes).toBeCloseTo(10 * (put.length - taken.length), 6);
      }
      while (!queue.isEmpty) take(3);
      expect(taken).toEqual(put);
      expect([queue.position, queue.fetchOffset]).toEqual([end, end]);
    }),
  );
});
