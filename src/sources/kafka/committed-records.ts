import type { FetchedPartition, FetchedRecord } from './cluster.js';

/** Key of the marker that ends an aborted transaction: version 0, type 0. */
const ABORT = Buffer.from([0, 0, 0, 0]);

/**
 * The records of a fetched partition without those of aborted transactions and without transaction markers. The broker
 * sends aborted records along and says from which offset on a producer's records count for nothing, until its marker.
 */
export function committedRecords({ messages, abortedTransactions }: FetchedPartition): readonly FetchedRecord[] {
  if (!messages.some(({ isControlRecord }) => isControlRecord) && !abortedTransactions?.length) return messages;
  const starts = (abortedTransactions ?? [])
    .map(({ producerId, firstOffset }) => ({ producerId, from: BigInt(firstOffset) }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  const aborted = new Set<string>();
  let next = 0;
  return messages.filter(({ offset, key, isControlRecord, batchContext }) => {
    const { producerId, inTransaction } = batchContext;
    for (; next < starts.length && starts[next]!.from <= BigInt(offset); next++) aborted.add(starts[next]!.producerId);
    if (isControlRecord) {
      if (key !== null && ABORT.equals(key)) aborted.delete(producerId);
      return false;
    }
    return !(inTransaction && aborted.has(producerId));
  });
}
