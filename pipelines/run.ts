import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CheckpointDirectory,
  Journal,
  listCheckpoints,
  nameOf,
  readCheckpoint,
  readManifest,
} from '../src/checkpoint/index.js';
import type { Config } from '../src/config/index.js';
import { DadinError } from '../src/core/index.js';
import { createKafka, kafkaNotices } from '../src/kafka/index.js';
import { ReorderBuffer } from '../src/ordering/index.js';
import { type KafkaSource, Ownership, type StartRule } from '../src/sources/kafka/index.js';
import { configIdentity, createFold, createLearner, resolvePath } from './assembly.js';
import { closingAtEnd } from './closing.js';
import { Control } from './control.js';
import { listenToTopic } from './control-topic.js';
import type { Fold } from './fold.js';
import { kafkaConnection } from './kafka-connection.js';
import { connectTopics } from './kafka-input.js';
import { openKafkaPublisher } from './kafka-outputs.js';
import { withoutLearned } from './learned-before.js';
import { LearningRun, type RunObserver, type RunSummary } from './learning-run.js';
import { liveControl } from './live-control.js';
import { LiveReading } from './live-reading.js';
import { createPublisher, createRefusedVersions, createVersionSink } from './publishing.js';
import { resetLearner } from './reset-points.js';
import { followCheckpoints, type Restored, restoreNewest } from './restoring.js';
import { RunOutputs } from './run-outputs.js';
import { RunState, type SinkLengths } from './run-state.js';

export interface RunOptions {
  /** What relative paths of the configuration start from. */
  readonly baseDirectory: string;
  /** Checkpoint of a replay of files whose learner goes live, used while the checkpoint directory is empty. */
  readonly from?: string;
  /** Aborted by a signal: stop before the next event, write a checkpoint, sum up. */
  readonly stop: AbortSignal;
  readonly observer: RunObserver;
}

/** Waits between attempts to reach brokers that are not there. */
const RETRY_MS = 1_000;

/**
 * Learns from topics as they go on, until it is told to stop (or to where `input.kafka.stop` says). Of several such
 * processes one learns; the others stand by with the newest checkpoint loaded and take over when it is gone. Null when it
 * was stopped while standing by.
 *
 * @throws DadinError of the configuration, the source, the checkpoint directory, the sinks or the learner; DADIN_FENCED
 *   when another one has taken over
 */
export async function run(config: Config, options: RunOptions): Promise<RunSummary | null> {
  const { baseDirectory, observer, stop } = options;
  const path = directoryOf(config, baseDirectory);
  const notice = (message: string): void => observer.notice(message);
  return await closingAtEnd(async (atEnd) => {
    const fold = await createFold(config);
    const learner = await createLearner(config);
    atEnd(() => learner.close());
    let lengths = async (): Promise<SinkLengths> => ({});
    const identity = configIdentity(config);
    let owner: Ownership | null = null;
    const isOwner = async (): Promise<boolean> => (await owner?.confirm()) ?? false;
    const sink = await createVersionSink(config, { baseDirectory, notice, isOwner });
    if (sink !== null) atEnd(() => sink.close());
    const refused = createRefusedVersions(config, baseDirectory);
    const publisher =
      sink === null
        ? null
        : createPublisher(config, sink, { fold, learner, identity, refused }, (outcome) =>
            observer.published?.(outcome),
          );
    const state = new RunState(fold, learner, null, config.checkpoint, identity, () => lengths(), publisher);

    observer.waiting?.(`brokers of ${config.input.kafka.groupId}`);
    const ownership = await untilReached(() => joinGroup(config, baseDirectory, notice), stop, notice);
    if (ownership === null) return null;
    owner = ownership;
    atEnd(() => ownership.leave());
    observer.waiting?.(`assignment in group ${config.input.kafka.groupId}`);
    const over = (): boolean => ownership.isOwner || ownership.lost.aborted || stop.aborted;
    const loaded = await followCheckpoints(path, state, over, ownership.owned);
    if (ownership.lost.aborted) throw ownership.lost.reason;
    if (!ownership.isOwner) return null;

    const directory = await CheckpointDirectory.own(path, config.checkpoint.keep, 'takeOver');
    atEnd(() => directory.release());
    state.writeTo(directory);
    const journal = await Journal.open(path);
    atEnd(() => journal.close());
    const restored = await resume(directory, state, loaded, options);
    const names: string[] = [];
    const topics = await openKafkaPublisher(config, {
      baseDirectory,
      isOwner,
      notice,
      stop,
    });
    if (topics !== null) atEnd(() => topics.close());
    const outputs = new RunOutputs(config, baseDirectory, restored?.lengths ?? {}, fold, names, topics);
    atEnd(() => outputs.close());
    lengths = () => outputs.lengths();

    const handedOverMs = restored?.isHandover ? fold.eventTimeMs : null;
    const start = handedOverMs === null ? {} : { start: handoverStart(handedOverMs, config) };
    const control = new Control({
      fold,
      reset: (point) => resetLearner(path, point, fold, learner),
      decisions: journal.decisions(),
      live: liveControl(path, journal, sink),
      told: (outcome) => observer.controlled?.(outcome),
    });
    atEnd(() => control.close());
    const listening = await listenToTopic(config, control, { baseDirectory, observer, isNew: restored === null });
    if (listening !== null) atEnd(() => listening.close());
    const learning = new LearningRun({
      ...{ config, fold, learner, state, publisher, outputs, control, stop, observer },
      resumedFrom: restored?.path ?? null,
      checkpoint: {
        isDue: (turn) => state.isDue(turn),
        async save() {
          if (!(await ownership.confirm())) throw ownership.lost.reason;
          await state.save();
          await ownership.commit(fold.positions.positions());
          await journal.prune(await oldestPositions(path));
        },
      },
    });
    for (let isFirst = true; ; isFirst = false) {
      const connect = (): Promise<KafkaSource> =>
        connectTopics(config, { baseDirectory, bounded: false, notice, ...start });
      const source = await untilReached(connect, AbortSignal.any([stop, ownership.lost]), notice);
      if (source === null) break;
      try {
        names.splice(0, names.length, ...source.partitions.map(({ name }) => name));
        await standWhereLearned(fold, source, config.ordering.outOfOrdernessMs, journal);
        fold.positions.bind(source.partitions);
        const from = fold.positions.next();
        await source.open(from);
        if (isFirst) observer.started({ source, fold, learner, control, resumedFrom: restored?.path ?? null });
        else notice(`the topics have grown: ${names.length} partitions from now on`);
        const order = new ReorderBuffer(config.ordering, fold.positions.starts(), fold.eventTimeMs);
        const until = AbortSignal.any([stop, ownership.lost, source.grown]);
        const live = handedOverMs === null ? source : withoutLearned(source, fold, handedOverMs);
        await learning.through(
          live,
          order,
          (read) =>
            new LiveReading(read, live, order, from, {
              idleTimeoutMs: config.input.kafka.idleTimeoutMs,
              stop: until,
              decisions: journal.decisions(),
              record: (decision) => journal.append(decision),
              isAwaited: () => control.isDue,
            }),
          until,
        );
        if (ownership.lost.aborted) throw ownership.lost.reason;
        if (!source.grown.aborted || stop.aborted) break;
      } finally {
        await source.close();
      }
    }
    if (ownership.lost.aborted) throw ownership.lost.reason;
    return await learning.sumUp();
  });
}

function directoryOf(config: Config, baseDirectory: string): string {
  if (config.checkpoint.directory !== null) return resolvePath(config.checkpoint.directory, baseDirectory);
  throw new DadinError('DADIN_USAGE', 'a live run keeps its positions in checkpoints, and has no directory for them', {
    step: 'configure',
    remedy: 'name one with --checkpoints DIR or checkpoint.directory',
  });
}

async function joinGroup(config: Config, baseDirectory: string, notice: (message: string) => void): Promise<Ownership> {
  const { groupId, topics, sessionTimeoutMs } = config.input.kafka;
  const connection = await kafkaConnection(config.kafka, { env: process.env, baseDirectory });
  return await Ownership.join(createKafka(connection, kafkaNotices(notice)), {
    groupId,
    topics: topics.map(({ topic }) => topic),
    sessionTimeoutMs,
    notice,
  });
}

/** Tries again while the brokers are away; null when told to stop meanwhile. */
async function untilReached<T>(
  reach: () => Promise<T>,
  stop: AbortSignal,
  notice: (message: string) => void,
): Promise<T | null> {
  for (let attempt = 0; !stop.aborted; attempt++) {
    try {
      return await reach();
    } catch (error) {
      if (!(error instanceof DadinError) || !error.retryable) throw error;
      if (attempt === 0) notice(`${error.message}: ${error.details.got ?? ''}; trying again`);
      await sleep(RETRY_MS, undefined, { signal: stop }).catch(() => {}); // stopped: the loop sees it
    }
  }
  return null;
}

async function resume(
  directory: CheckpointDirectory,
  state: RunState,
  loaded: Restored | null,
  { from, observer }: RunOptions,
): Promise<(Restored & { readonly isHandover: boolean }) | null> {
  observer.waiting?.('restore of the newest checkpoint');
  const newest = (await listCheckpoints(directory.path)).at(-1);
  if (loaded !== null && newest !== undefined && loaded.path === join(directory.path, nameOf(newest)))
    return { ...loaded, isHandover: false };
  const restored = await restoreNewest(directory, state, (message) => observer.notice(message));
  if (restored !== null) return { ...restored, isHandover: false };
  if (from === undefined) return null;
  await state.restore(await readCheckpoint(from), isOfTheLog);
  return { path: from, lengths: {}, isHandover: true };
}

/** Learning keys in which a live run may differ from the replay that it goes on from. */
function isOfTheLog(key: string): boolean {
  return key.startsWith('input.') || key === 'ordering.outOfOrdernessMs';
}

/** Nothing that the replay had not learned may be missed: what was still under way then is read again and skipped. */
function handoverStart(eventTimeMs: number, { ordering }: Config): StartRule {
  return { timeMs: Math.max(0, eventTimeMs - ordering.outOfOrdernessMs) };
}

/**
 * A partition that turns up when much was learned already holds nobody back, and brings what is older too late: it stands
 * where the fold stands, by a decision that a replay will find at its beginning.
 */
async function standWhereLearned(
  fold: Fold,
  source: KafkaSource,
  outOfOrdernessMs: number,
  journal: Journal,
): Promise<void> {
  if (fold.eventTimeMs === null) return;
  const known = fold.positions.positions();
  for (const { name, start = 0n } of source.partitions) {
    if (known[name] !== undefined) continue;
    const timeMs = fold.eventTimeMs + outOfOrdernessMs;
    await journal.append({ kind: 'watermark', partition: name, position: start, timeMs });
  }
}

/** Where the oldest checkpoint stands that is kept. */
async function oldestPositions(path: string): Promise<Readonly<Record<string, string>>> {
  const oldest = (await listCheckpoints(path))[0];
  return oldest === undefined ? {} : (await readManifest(join(path, nameOf(oldest)))).positions;
}
