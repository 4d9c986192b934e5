import { CheckpointDirectory } from '../src/checkpoint/index.js';
import type { Config } from '../src/config/index.js';
import { DadinError } from '../src/core/index.js';
import { ReorderBuffer } from '../src/ordering/index.js';
import { configIdentity, createFold, createLearner, createSource, resolvePath } from './assembly.js';
import { closingAtEnd } from './closing.js';
import { inFullChunks } from './full-chunks.js';
import { openKafkaPublisher } from './kafka-outputs.js';
import { LearningRun, type RunObserver, type RunSummary } from './learning-run.js';
import { createPublisher, createVersionSink } from './publishing.js';
import { BoundedReading } from './reading.js';
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
    const source = await createSource(config, baseDirectory);
    atEnd(() => source.close());
    const fold = await createFold(config);
    const learner = await createLearner(config);
    atEnd(() => learner.close());

    let lengths = async (): Promise<SinkLengths> => ({});
    const identity = configIdentity(config);
    const sink = createVersionSink(config, baseDirectory);
    if (sink !== null) atEnd(() => sink.close());
    const publisher =
      sink === null
        ? null
        : createPublisher(config, sink, { fold, learner, identity }, (outcome) => observer.published?.(outcome));
    const state = new RunState(fold, learner, directory, config.checkpoint, identity, () => lengths(), publisher);
    observer.waiting?.('restore of the newest checkpoint');
    const resumed = await resume(directory, state, options);
    const names = source.partitions.map(({ name }) => name);
    const isOwner = async (): Promise<boolean> => true; // the lock of the checkpoint directory says so
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
    observer.started({ source, fold, learner, resumedFrom });
    const run = new LearningRun({ config, fold, learner, state, publisher, outputs, resumedFrom, stop, observer });
    const order = new ReorderBuffer(config.ordering, fold.positions.starts(), fold.eventTimeMs);
    const from = fold.positions.next();
    await run.through(inFullChunks(source), order, (read) => new BoundedReading(read, order, from, stop, []));
    return await run.sumUp();
  });
}

async function resume(
  directory: CheckpointDirectory | null,
  state: RunState,
  { resume, observer }: ReplayOptions,
): Promise<{ path: string; lengths: SinkLengths } | null> {
  if (resume === 'never') return null;
  if (directory === null) {
    if (resume === 'auto') return null;
    throw new DadinError('DADIN_USAGE', 'there is no checkpoint directory to resume from', {
      step: 'restore',
      remedy: 'name one with --checkpoints DIR or checkpoint.directory',
    });
  }
  const { checkpoint, skipped } = await directory.newest();
  for (const { path, error } of skipped) observer.notice(`passed over ${path}: ${error.message}`);
  if (checkpoint === null) {
    if (resume === 'auto' && skipped.length === 0) return null;
    throw new DadinError('DADIN_CHECKPOINT_UNREADABLE', `${directory.path} holds no readable checkpoint`, {
      step: 'restore',
      got: skipped.length === 0 ? 'an empty directory' : `${skipped.length} damaged ones`,
      remedy: 'start without --resume to learn anew',
    });
  }
  return { path: checkpoint.path, lengths: await state.restore(checkpoint) };
}
