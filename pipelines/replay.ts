import { lastValueFrom, tap } from 'rxjs';
import { CheckpointDirectory } from '../src/checkpoint/index.js';
import type { Config } from '../src/config/index.js';
import { DadinError, type Domain, type EventSource, type Learner, type RaceReport } from '../src/core/index.js';
import type { DomainSummary } from '../src/evaluation/index.js';
import { ReorderBuffer } from '../src/ordering/index.js';
import { configIdentity, createFold, createLearner, createSource, resolvePath } from './assembly.js';
import { bayesCeiling } from './bayes-ceiling.js';
import { closingAtEnd } from './closing.js';
import type { Fold } from './fold.js';
import { inFullChunks } from './full-chunks.js';
import { flush, type LearnParts, learn, type SettledTurn } from './learn.js';
import { RunOutputs } from './run-outputs.js';
import { RunState, type SinkLengths } from './run-state.js';

export interface ReplayOptions {
  /** What relative paths of the configuration start from. */
  readonly baseDirectory: string;
  /** Go on from the newest valid checkpoint: `always` refuses when there is none, `auto` then starts anew. */
  readonly resume: 'never' | 'always' | 'auto';
  /** Aborted by a signal: stop before the next event, write a checkpoint, sum up. */
  readonly stop: AbortSignal;
  readonly observer: ReplayObserver;
}

/** Told what goes on; changes nothing. */
export interface ReplayObserver {
  started(run: RunningParts): void;
  turn(settled: SettledTurn): void;
  /** Something a user should know: a damaged checkpoint passed over, a log that had to be sorted. */
  notice(message: string): void;
  /** What the run waits for before `started`; the readiness endpoint names it. */
  waiting?(reason: string): void;
  /** Puts measurements around the parts; what they do stays the same. */
  around?(parts: LearnParts): LearnParts;
}

export interface RunningParts {
  readonly source: EventSource;
  readonly fold: Fold;
  readonly learner: Learner;
  readonly resumedFrom: string | null;
}

export interface ReplaySummary {
  readonly digest: string;
  readonly events: number;
  readonly samples: number;
  readonly steps: number;
  /** Of this run, not counting what a resumed run had done before. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly backend: string;
  readonly backendSettings: Readonly<Record<string, string | number>>;
  readonly denseParameters: number;
  /** Undecodable and late records. */
  readonly deadLetters: number;
  readonly late: number;
  readonly duplicates: number;
  readonly orphanClicks: number;
  readonly labelsGivenUp: number;
  /** Training steps of this run thrown away: something in them was not finite, or the adversary ran away. */
  readonly discardedSteps: number;
  /** Where the adversary is automatic: what the race showed last. */
  readonly race: RaceReport | null;
  /** Path of the newest checkpoint; null when none is kept. */
  readonly checkpoint: string | null;
  readonly resumedFrom: string | null;
  /** Stopped by a signal before the end of the log. */
  readonly stopped: boolean;
  readonly domains: Readonly<Record<Domain, DomainSummary>>;
  /** What no learner can beat on a synthetic stream; null where the truth is not known. */
  readonly ceiling: Readonly<Record<Domain, number | null>> | null;
}

/**
 * Learns over a bounded log as fast as it goes, then stops. The last checkpoint is taken before the flush at the end of
 * the log, so that day 1 and then day 2 give the bits of both days at once.
 *
 * @throws DadinError of the configuration, the source, the checkpoint directory, the sinks or the learner
 */
export async function replay(config: Config, options: ReplayOptions): Promise<ReplaySummary> {
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

    let lengths = (): SinkLengths => ({});
    const state = new RunState(fold, learner, directory, config.checkpoint, configIdentity(config), () => lengths());
    observer.waiting?.('restore of the newest checkpoint');
    const resumed = await resume(directory, state, options);
    const partitions = source.partitions.map(({ name }) => name);
    const outputs = new RunOutputs(config, baseDirectory, resumed?.lengths ?? {}, fold, partitions);
    atEnd(() => outputs.close());
    lengths = () => outputs.lengths();

    fold.positions.bind(partitions);
    observer.waiting?.(`assignment of ${source.name}`);
    await source.open(fold.positions.next());
    observer.started({ source, fold, learner, resumedFrom: resumed?.path ?? null });

    const before = fold.counts.events;
    const startedMs = performance.now();
    let discardedSteps = 0;
    let race: RaceReport | null = null;
    const settled = (turn: SettledTurn): void => {
      outputs.settled(turn);
      if (turn.report?.discarded && discardedSteps++ === 0) {
        observer.notice(
          `step ${turn.report.step} thrown away: not finite, or an adversary that ran away; the summary counts them`,
        );
      }
      race = turn.report?.race ?? race;
      observer.turn(turn);
    };
    const bare: LearnParts = {
      source: inFullChunks(source),
      order: new ReorderBuffer(config.ordering, fold.positions.starts(), fold.eventTimeMs),
      fold,
      learner,
      deadLetters: (records) => outputs.reject(records),
      checkpoint: state,
      stop,
    };
    const parts = observer.around?.(bare) ?? bare;
    await lastValueFrom(learn(parts).pipe(tap(settled)), { defaultValue: null });
    await parts.checkpoint.save();
    settled(await flush(parts));
    const seconds = (performance.now() - startedMs) / 1000;
    const { backend, settings, denseParameters } = learner.describe();
    const { events, ...counts } = fold.counts;
    return {
      digest: await state.digest(),
      events,
      ...counts,
      steps: fold.steps,
      eventsPerSecond: (events - before) / seconds,
      seconds,
      backend,
      backendSettings: settings,
      denseParameters,
      discardedSteps,
      race,
      checkpoint: state.newestPath,
      resumedFrom: resumed?.path ?? null,
      stopped: stop.aborted,
      domains: fold.summary(),
      ceiling: bayesCeiling(config),
    };
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
