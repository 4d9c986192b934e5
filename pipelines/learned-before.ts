import type { EventSource, LiveNews } from '../src/core/index.js';
import type { Fold } from './fold.js';
import { LeavingOut } from './leaving-out.js';

/**
 * A source without the events that the fold has learned already, up to event time `untilMs`. For topics that overlap the
 * files a learner comes from.
 */
export function withoutLearned<S extends EventSource & LiveNews>(
  source: S,
  fold: Pick<Fold, 'hasLearned'>,
  untilMs: number,
): EventSource & LiveNews {
  const unknown = new LeavingOut(
    source,
    (record) => record.ok && record.value.eventTimeMs <= untilMs && fold.hasLearned(record.value),
  );
  return {
    name: source.name,
    partitions: source.partitions,
    open: (from) => source.open(from),
    read: (partition, maxRecords) => unknown.read(partition, maxRecords),
    isReady: (partition) => unknown.hasRest(partition) || source.isReady(partition),
    emptyForMs: (partition) => (unknown.hasRest(partition) ? null : source.emptyForMs(partition)),
    changed: (withinMs) => source.changed(withinMs),
    close: () => source.close(),
  };
}
