import { dirname } from 'node:path';
import { CheckpointDirectory, journalPath, readCheckpoint, readJournal } from '../src/checkpoint/index.js';
import type { Config } from '../src/config/index.js';
import { DadinError, type Decision, type EventSource, type ResetPoint } from '../src/core/index.js';
import { ReorderBuffer } from '../src/ordering/index.js';
import type { VersionSink } from '../src/versions/index.js';
import { configIdentity, createFold, createLearner, createSource, resolvePath } from './assembly.js';
import { closingAtEnd } from './closing.js';
import { Control } from './control.js';
import { inFullChunks } from './full-chunks.js';
import { openKafkaPublisher } from './kafka-outputs.js';
import { LearningRun, type RunObserver, type RunSummary } from './learning-run.js';
import { createPublisher, createRefusedVersions, createVersionSink } from './publishing.js';
import { BoundedReading } from './reading.js';
import { resetLearner } from './reset-points.js';
import { type Restored, restoreNewest } from './restoring.js';
import { RunOutputs } from './run-outputs.js';
import { RunState, type SinkLengths } from './run-state.js';

export type { RunningParts, RunObserver as ReplayObserver, RunSummary as ReplaySummary } from './learning-run.js';

export interface ReplayOptions {
  /** What relative paths of the configuration start from. */
  readonly baseDirectory: string;
  /** Go on from the newest valid checkpoint: `always` refuses when there is none, `auto` then starts anew. */
  readonly resume: 'never' | 'always' | 'auto';
  /** Aborted by a signal: stop before the next event, write a checkpoint, sum up. */
  readonly stop: AbortSignal;
  readonly observer: RunObserver;
  /** Takes the model versions instead of the configured place; whoever gave it closes it. */
  readonly versions?: VersionSink;
  /** Path of a live run's journal whose decisions are followed, to repeat that run. */
  readonly journal?: string;
  /** Learns otherwise what was learned before: from an older checkpoint (null: the beginning), and not all of the log. */
  readonly instead?: { readonly from: string | null; around(source: EventSource): EventSource };
}

/**
 * Learns over a bounded log as fast as it goes, then stops. The last checkpoint is taken before the flush at the end of
 * the log, so that day 1 and then day 2 give the bits of both days at once.
 *
 * @throws DadinError of the configuration, the source, the checkpoint directory, the sinks or the learner
 */
export async function replay(config: Config, options: ReplayOptions): Promise<RunSummary> {
  const { baseDirectory, observer, stop } = options;
  return await closingAtEnd(async (atEnd) => {
    const directory =
      config.checkpoint.directory === null
        ? null
        : await CheckpointDirectory.own(
            resolvePath(config.checkpoint.directory, baseDirectory),
            config.checkpoint.keep,
          );
    if (directory !== null) atEnd(() => directory.release());
    const log = await createSource(config, baseDirectory, (message) => observer.notice(message));
    const source = options.instead?.around(log) ?? log;
    atEnd(() => source.close());
    const fold = await createFold(config);
    const learner = await createLearner(config);
    atEnd(() => learner.close());

    let lengths = async (): Promise<SinkLengths> => ({});
    const identity = configIdentity(config);
    const isOwner = async (): Promise<boolean> => true; // the lock of the checkpoint directory says so
    const sink =
      options.versions ??
      (await createVersionSink(config, { baseDirectory, isOwner, notice: (message) => observer.notice(message) }));
    if (sink !== null && sink !== options.versions) atEnd(() => sink.close());
    const refused = options.versions === undefined ? createRefusedVersions(config, baseDirectory) : null;
    const publisher =
      sink === null
        ? null
        : createPublisher(config, sink, { fold, learner, identity, refused }, (outcome) =>
            observer.published?.(outcome),
          );
    const state = new RunState(fold, learner, directory, config.checkpoint, identity, () => lengths(), publisher);
    observer.waiting?.('restore of the newest checkpoint');
    const resumed = await resume(directory, state, options);
    if (options.instead !== undefined) await publisher?.goOnFromKept();
    const names = source.partitions.map(({ name }) => name);
    const topics = await openKafkaPublisher(config, {
      baseDirectory,
      isOwner,
      notice: (message) => observer.notice(message),
      stop,
    });
    if (topics !== null) atEnd(() => topics.close());
    const outputs = new RunOutputs(config, baseDirectory, resumed?.lengths ?? {}, fold, names, topics);
    atEnd(() => outputs.close());
    lengths = () => outputs.lengths();

    fold.positions.bind(source.partitions);
    observer.waiting?.(`assignment of ${source.name}`);
    await source.open(fold.positions.next());
    const resumedFrom = resumed?.path ?? null;
    const decisions = await decisionsOf(directory, options);
    const decided = options.journal === undefined ? directory?.path : dirname(options.journal);
    const reset = (point: ResetPoint) => resetLearner(decided!, point, fold, learner);
    const control = new Control({ fold, reset, decisions, live: null, told() {} });
    atEnd(() => control.close());
    observer.started({ source, fold, learner, control, resumedFrom });
    const parts = { config, fold, learner, state, publisher, outputs, control, resumedFrom, stop, observer };
    const run = new LearningRun(parts);
    const order = new ReorderBuffer(config.ordering, fold.positions.starts(), fold.eventTimeMs);
    const from = fold.positions.next();
    // a topic's chunks end at gaps, which are nobody's choice
    const chunks = config.input.kind === 'kafka' ? source : inFullChunks(source);
    await run.through(chunks, order, (read) => new BoundedReading(read, order, from, stop, decisions));
    return await run.sumUp();
  });
}

/** What a live run over the same log decided; a run that goes on from its checkpoints must follow it. */
async function decisionsOf(
  directory: CheckpointDirectory | null,
  { journal, resume }: ReplayOptions,
): Promise<readonly Decision[]> {
  if (journal !== undefined) return await readJournal(journal);
  return directory === null || resume === 'never' ? [] : await readJournal(journalPath(directory.path));
}

async function resume(
  directory: CheckpointDirectory | null,
  state: RunState,
  { resume, observer, instead }: ReplayOptions,
): Promise<Restored | null> {
  const from = instead?.from ?? null;
  if (from !== null) {
    await state.restore(await readCheckpoint(from));
    return { path: from, lengths: {} };
  }
  if (resume === 'never') return null;
  if (directory === null) {
    if (resume === 'auto') return null;
    throw new DadinError('DADIN_USAGE', 'there is no checkpoint directory to resume from', {
      step: 'restore',
      remedy: 'name one with --checkpoints DIR or checkpoint.directory',
    });
  }
  const restored = await restoreNewest(directory, state, (message) => observer.notice(message));
  if (restored !== null || resume === 'auto') return restored;
  throw new DadinError('DADIN_CHECKPOINT_UNREADABLE', `${directory.path} holds no readable checkpoint`, {
    step: 'restore',
    got: 'an empty directory',
    remedy: 'start without --resume to learn anew',
  });
}
