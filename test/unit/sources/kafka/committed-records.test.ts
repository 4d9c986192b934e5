import { expect, it } from 'vitest';
import type { FetchedRecord } from '../../../../src/sources/kafka/cluster.js';
import { committedRecords } from '../../../../src/sources/kafka/committed-records.js';

const ABORT = Buffer.from([0, 0, 0, 0]);
const COMMIT = Buffer.from([0, 0, 0, 1]);

function record(
  offset: number,
  producerId: string,
  inTransaction: boolean,
  marker: Buffer | null = null,
): FetchedRecord {
  return {
    offset: String(offset),
    key: marker,
    value: Buffer.from(String(offset)),
    headers: {},
    isControlRecord: marker !== null,
    batchContext: { producerId, inTransaction },
  };
}

function offsets(messages: readonly FetchedRecord[], aborted: readonly [string, number][]): string[] {
  const abortedTransactions = aborted.map(([producerId, from]) => ({ producerId, firstOffset: String(from) }));
  const fetched = { partition: 0, highWatermark: '99', lastStableOffset: '99', abortedTransactions, messages };
  return committedRecords(fetched).map(({ offset }) => offset);
}

it('leaves out aborted records and markers, and only those', () => {
  const messages = [
    record(0, 'a', true), // committed
    record(1, 'b', true), // aborted
    record(2, 'c', false), // no transaction
    record(3, 'a', true, COMMIT),
    record(4, 'b', true, ABORT),
    record(5, 'b', true), // its next one, committed
    record(6, 'b', true, COMMIT),
    record(7, 'a', true), // aborted
    record(8, 'a', false), // the same producer outside of any
  ];
  expect(
    offsets(messages, [
      ['a', 7],
      ['b', 1],
    ]),
  ).toEqual(['0', '2', '5', '8']);
});

it('knows an aborted transaction that began before the fetch, and one whose marker is not there yet', () => {
  expect(offsets([record(5, 'a', true), record(6, 'a', true)], [['a', 2]])).toEqual([]);
  expect(offsets([record(5, 'a', true, ABORT), record(6, 'a', true)], [['a', 2]])).toEqual(['6']);
});

it('passes on what has nothing to do with transactions as it is', () => {
  const messages = [record(3, '-1', false), record(9, '-1', false)];
  const fetched = { partition: 0, highWatermark: '10', lastStableOffset: '10', abortedTransactions: null, messages };
  expect(committedRecords(fetched)).toBe(messages);
});
