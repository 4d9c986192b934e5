import type { ClickEvent, Decoded, EventSource } from '../src/core/index.js';

/**
 * A bounded source whose chunks are as long as asked for, the last of a partition excepted. Where a chunk ends is then no
 * accident of a reader's buffers, and a resumed run sees the chunks of an uninterrupted one.
 */
export function inFullChunks(source: EventSource): EventSource {
  return {
    name: source.name,
    partitions: source.partitions,
    open: (from) => source.open(from),
    async read(partition, maxRecords) {
      const { first, ...chunk } = await source.read(partition, maxRecords);
      const records: Decoded<ClickEvent>[] = [...chunk.records];
      let last = chunk.last;
      while (!last && records.length < maxRecords) {
        const more = await source.read(partition, maxRecords - records.length);
        for (const record of more.records) records.push(record);
        last = more.last;
      }
      return { ...chunk, first, records, last };
    },
    close: () => source.close(),
  };
}
