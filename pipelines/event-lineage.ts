import { lastValueFrom, tap } from 'rxjs';
import { journalPath, readJournal } from '../src/checkpoint/index.js';
import type { Config } from '../src/config/index.js';
import {
  type ClickEvent,
  DadinError,
  DOMAIN_CODE,
  type EventSource,
  type Learner,
  type StepReport,
} from '../src/core/index.js';
import { ReorderBuffer } from '../src/ordering/index.js';
import type { KeptVersion } from '../src/versions/index.js';
import { createFold, createSource, resolvePath } from './assembly.js';
import { Control } from './control.js';
import { inFullChunks } from './full-chunks.js';
import { learn } from './learn.js';
import { BoundedReading } from './reading.js';

export interface EventLineage {
  /** The record that was asked for, and where it stands. */
  readonly kind: ClickEvent['kind'];
  readonly domain: ClickEvent['domain'];
  readonly eventTimeMs: number;
  readonly partition: string;
  readonly position: string;
  /** Step in which its impression was first learned from, and events folded by then; null where it was not. */
  readonly learned: { readonly step: number; readonly events: number } | null;
  /** The first of the versions that holds that step; null where none does. */
  readonly version: number | null;
  /** False where older versions may have held it that are no longer kept. */
  readonly isFirst: boolean;
}

/**
 * Which model version first learned from an event. No learner keeps an index of that: the log says when the row entered
 * training, so it is folded up to there with a learner that has no model. Rows of replay and the score change nothing in
 * when a fresh row is learned from.
 *
 * @throws DadinError DADIN_USAGE where the log holds no such event
 */
export async function eventLineage(
  config: Config,
  eventId: string,
  versions: readonly KeptVersion[],
  { baseDirectory, notice }: { readonly baseDirectory: string; readonly notice: (message: string) => void },
): Promise<EventLineage> {
  const found = new AbortController();
  const log = await createSource(config, baseDirectory, notice);
  try {
    const { source, asked } = watching(log, eventId);
    const fold = await createFold(config);
    fold.positions.bind(source.partitions);
    const from = fold.positions.next();
    await source.open(from);
    const { directory } = config.checkpoint;
    const decisions = directory === null ? [] : await readJournal(journalPath(resolvePath(directory, baseDirectory)));
    const order = new ReorderBuffer(config.ordering, fold.positions.starts(), null);
    let learned: EventLineage['learned'] = null;
    const turns = learn({
      source: config.input.kind === 'kafka' ? source : inFullChunks(source),
      reading: (read) => new BoundedReading(read, order, from, found.signal, decisions),
      order,
      fold,
      learner: withoutModel(),
      deadLetters() {},
      checkpoint: { isDue: () => false, async save() {} },
      control: new Control({ fold, reset: async () => {}, decisions, live: null, told() {} }),
      stop: found.signal,
    }).pipe(
      tap(({ turn, report }) => {
        const event = asked()?.event;
        if (learned !== null || event === undefined || report === null) return;
        if (!turn.train.some(({ sample }) => isOf(sample, event))) return;
        learned = { step: report.step, events: turn.events };
        found.abort();
      }),
    );
    await lastValueFrom(turns, { defaultValue: null });
    const place = asked();
    if (place === null) {
      throw new DadinError('DADIN_USAGE', 'the log holds no such event', {
        step: 'lineage',
        got: eventId,
        expected: 'an event id or impression id as it stands in the log',
      });
    }
    const { kind, domain, eventTimeMs } = place.event;
    return {
      ...{ kind, domain, eventTimeMs, partition: place.partition, position: place.position, learned },
      ...firstWith(versions, learned),
    };
  } finally {
    await log.close();
  }
}

interface Place {
  readonly event: ClickEvent;
  readonly partition: string;
  readonly position: string;
}

/** The source, and the first record of it that bears the id: of the event, or of the impression that it is about. */
function watching(log: EventSource, eventId: string): { source: EventSource; asked: () => Place | null } {
  let place: Place | null = null;
  const source: EventSource = {
    name: log.name,
    partitions: log.partitions,
    open: (from) => log.open(from),
    async read(partition, maxRecords) {
      const chunk = await log.read(partition, maxRecords);
      for (const [i, record] of chunk.records.entries()) {
        if (place !== null || !record.ok) continue;
        const { value: event } = record;
        if (event.eventId !== eventId && event.impressionId !== eventId) continue;
        const { name } = log.partitions[partition]!;
        place = { event, partition: name, position: String(chunk.first + BigInt(i)) };
      }
      return chunk;
    },
    close: () => log.close(),
  };
  return { source, asked: () => place };
}

function isOf(sample: { readonly impressionId: string; readonly domain: number }, event: ClickEvent): boolean {
  return sample.impressionId === event.impressionId && sample.domain === DOMAIN_CODE[event.domain];
}

function firstWith(
  versions: readonly KeptVersion[],
  learned: EventLineage['learned'],
): Pick<EventLineage, 'version' | 'isFirst'> {
  if (learned === null) return { version: null, isFirst: false };
  const at = versions.findIndex(({ manifest }) => manifest.events >= learned.events);
  const version = versions[at];
  if (version === undefined) return { version: null, isFirst: false };
  // the first that is kept of a line that began earlier
  return { version: version.number, isFirst: at > 0 || version.manifest.parent === null };
}

/** Counts steps; every score is the same. */
function withoutModel(): Pick<Learner, 'score' | 'train'> {
  let step = 0;
  return {
    score: async ({ size }) => new Float32Array(2 * size),
    train: async ({ size }): Promise<StepReport> => ({
      step: ++step,
      rows: size,
      lossLabel: 0,
      lossDomain: null,
      lossClass1: null,
      lossClass0: null,
      reversal: 0,
      confusedLoss: 0,
      race: null,
      discarded: false,
      restored: false,
      interestNegative: null,
      interestPositive: null,
    }),
  };
}
