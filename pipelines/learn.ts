import { concat, concatMap, defer, EMPTY, from, ignoreElements, map, type Observable, tap } from 'rxjs';
import type { EventSource, Learner, Sample, StepReport } from '../src/core/index.js';
import type { PlacedEvent, RejectedRecord, ReorderBuffer } from '../src/ordering/index.js';
import { Credits, creditBounded } from '../src/sources/credits.js';
import type { Fold } from './fold.js';
import { BoundedReading, type ReadChunk, type Reading } from './reading.js';
import { TURNS_UNDER_WAY, type Turn } from './turn.js';

/** Chunks read but not yet worked off: one is folded while the next is read. */
const CHUNKS_UNDER_WAY = 2;

export interface LearnParts {
  readonly source: EventSource;
  /** Decides what is read next; a bounded log's laggard where it is left out. */
  readonly reading?: (source: EventSource) => Reading;
  readonly order: ReorderBuffer;
  readonly fold: Fold;
  readonly learner: Pick<Learner, 'score' | 'train'>;
  /** Undecodable and late records, in the order read. */
  readonly deadLetters: (records: readonly RejectedRecord[]) => void;
  /** Resolves once there is room for what the next turn and chunk put out; at once where it is left out. */
  readonly room?: () => Promise<void>;
  /** Called between turns with nothing under way, when `isDue` says so: fold and learner stand at the same place. */
  readonly checkpoint: { isDue(turn: Turn): boolean; save(): Promise<void> };
  /** Asked between two events: what an operator wants now is carried out with nothing under way. */
  readonly control?: { readonly isDue: boolean; act(stop: AbortSignal, save: () => Promise<void>): Promise<void> };
  /** Aborted: stop before the next event; what is under way is finished. */
  readonly stop: AbortSignal;
}

/** A turn that the learner has done and the fold has judged. */
export interface SettledTurn {
  readonly turn: Turn;
  readonly report: StepReport | null;
  /** Scored impressions whose label is known, in scoring order. */
  readonly predictions: readonly Sample[];
}

interface EventBlock {
  readonly chunk: ReadChunk;
  readonly events: readonly PlacedEvent[];
  readonly rejected: readonly RejectedRecord[];
}

/**
 * The way of every event, live or bounded: read -> order -> fold (window, sample, join, mix) -> score, then train ->
 * judge. One item is a chunk, a block or a turn, never an event; inside a stage are plain loops.
 */
export function learn(parts: LearnParts): Observable<SettledTurn> {
  const chunks = new Credits(CHUNKS_UNDER_WAY);
  const turns = new Credits(TURNS_UNDER_WAY);
  const { source, order, fold, stop } = parts;
  const reading = parts.reading?.(source) ?? new BoundedReading(source, order, fold.positions.next(), stop, []);
  return creditBounded(() => reading.next(), chunks).pipe(
    map((chunk) => orderEvents(parts, chunk)),
    concatMap((block) => from(foldBlock(parts, block, chunks, turns))),
    map((turn) => ({ turn, done: started(scoreAndTrain(parts, turn)) })),
    concatMap(({ turn, done }) =>
      concat(
        done.then((result) => settle(parts, turn, result)),
        defer(() => parts.room?.() ?? EMPTY).pipe(ignoreElements()),
      ).pipe(
        // on completion: downstream has taken the turn, so no checkpoint is without what it wrote
        tap({ complete: () => turns.give() }),
      ),
    ),
  );
}

/** Scores and judges what a bounded log leaves behind; see `Fold.flush`. */
export async function flush(parts: Pick<LearnParts, 'fold' | 'learner'>): Promise<SettledTurn> {
  const turn = parts.fold.flush();
  return settle(parts, turn, await scoreAndTrain(parts, turn));
}

/** Takes a chunk into the reorder buffer; gives what now stands before the watermark. */
function orderEvents({ order }: LearnParts, chunk: ReadChunk): EventBlock {
  const rejected = order.push(chunk);
  const watermarkMs = order.watermarkMs;
  const events: PlacedEvent[] = [];
  for (let event = order.pop(watermarkMs); event !== null; event = order.pop(watermarkMs)) events.push(event);
  return { chunk, events, rejected };
}

/** Folds a block event by event; yields turns while there is credit; checkpoints where one is due. */
async function* foldBlock(parts: LearnParts, block: EventBlock, chunks: Credits, turns: Credits): AsyncGenerator<Turn> {
  const { fold, checkpoint, stop } = parts;
  const { partition, skippedFrom, first } = block.chunk;
  if (skippedFrom < first) fold.positions.skip(partition, skippedFrom, first);
  for (const { partition, position, bad } of block.rejected) {
    fold.reject(partition, position, bad.code === 'DADIN_RECORD_LATE');
  }
  parts.deadLetters(block.rejected);
  await parts.room?.();
  if (parts.control?.isDue) await obey(parts, turns);
  for (const event of block.events) {
    if (parts.control?.isDue) await obey(parts, turns);
    if (stop.aborted) break;
    let due = false;
    for (const turn of fold.accept(event)) {
      due = checkpoint.isDue(turn) || due;
      await turns.take();
      yield turn;
    }
    if (due) {
      await turns.drained();
      await checkpoint.save();
    }
  }
  chunks.give();
}

async function obey({ control, checkpoint, stop }: LearnParts, turns: Credits): Promise<void> {
  await turns.drained();
  await control?.act(stop, () => checkpoint.save());
}

/** Posts both calls at once; the learner executes them in order, so the scores are of the weights before the step. */
async function scoreAndTrain({ fold, learner }: Pick<LearnParts, 'fold' | 'learner'>, turn: Turn) {
  const { score, train } = fold.batches(turn);
  const [logits, report] = await Promise.all([
    score === null ? new Float32Array(0) : learner.score(score),
    train === null ? null : learner.train(train, turn.eventTimeMs, turn.adaptation),
  ]);
  return { logits, report };
}

/** A promise that is awaited later, in turn: a rejection meanwhile is not unhandled, it waits too. */
function started<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function settle(
  { fold }: Pick<LearnParts, 'fold'>,
  turn: Turn,
  { logits, report }: { logits: Float32Array; report: StepReport | null },
): SettledTurn {
  return { turn, report, predictions: fold.settle(turn, logits, report) };
}
