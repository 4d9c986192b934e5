import type { EventChunk, EventSource, LiveNews } from '../src/core/index.js';
import type { Fold } from './fold.js';

/**
 * A source without the events that the fold has learned already, up to event time `untilMs`: they are passed over as if
 * nothing stood there. For topics that overlap the files a learner comes from.
 */
export function withoutLearned<S extends EventSource & LiveNews>(
  source: S,
  fold: Pick<Fold, 'hasLearned'>,
  untilMs: number,
): EventSource & LiveNews {
  /** What was read of a partition and not yet given on. */
  const rest = source.partitions.map((): EventChunk | null => null);
  const isLearned = (record: EventChunk['records'][number]): boolean =>
    record.ok && record.value.eventTimeMs <= untilMs && fold.hasLearned(record.value);
  return {
    name: source.name,
    partitions: source.partitions,
    open: (from) => source.open(from),
    async read(partition, maxRecords) {
      const chunk = rest[partition] ?? (await source.read(partition, maxRecords));
      const { records, first, last } = chunk;
      if (records.length === 0) {
        rest[partition] = null;
        return chunk;
      }
      const learned = isLearned(records[0]!);
      let n = 1;
      while (n < records.length && n < maxRecords && isLearned(records[n]!) === learned) n++;
      const next = first + BigInt(n);
      const isAll = n === records.length;
      rest[partition] = isAll ? null : { partition, first: next, records: records.slice(n), last };
      return learned
        ? { partition, first: next, records: [], last: isAll && last }
        : { partition, first, records: records.slice(0, n), last: isAll && last };
    },
    isReady: (partition) => rest[partition] !== null || source.isReady(partition),
    emptyForMs: (partition) => (rest[partition] === null ? source.emptyForMs(partition) : null),
    changed: (withinMs) => source.changed(withinMs),
    close: () => source.close(),
  };
}
