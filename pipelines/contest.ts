import { lastValueFrom, tap } from 'rxjs';
import { type Config, learningDifferences } from '../src/config/index.js';
import { DadinError, type Learner } from '../src/core/index.js';
import { ScoreTable } from '../src/evaluation/index.js';
import { ReorderBuffer } from '../src/ordering/index.js';
import { createFold, createLearner, createSource } from './assembly.js';
import { closingAtEnd } from './closing.js';
import { inFullChunks } from './full-chunks.js';
import { flush, type LearnParts, learn, type SettledTurn } from './learn.js';
import { type Panelist, PanelLearner } from './panel-learner.js';

/** Somebody who learns the same events as the others. */
export interface Contestant {
  readonly name: string;
  readonly config: Config;
  /** The linear part of the configuration without a model on top. */
  readonly linearOnly?: boolean;
  /** Learns as if there were no source domain: neither its rows nor its clicks in histories. */
  readonly targetOnly?: boolean;
}

export interface ContestOptions {
  readonly baseDirectory: string;
  readonly stop: AbortSignal;
  /** After each turn: events read so far. */
  readonly onProgress?: (events: number) => void;
}

export interface ContestResult {
  /** Scores before learning, of all contestants for each impression. */
  readonly scores: ScoreTable;
  readonly events: number;
  readonly seconds: number;
  /** By contestant. */
  readonly entrants: readonly Entrant[];
}

export interface Entrant {
  readonly name: string;
  readonly denseParameters: number;
  /** Embedding rows at the end. */
  readonly rows: number;
  readonly backend: string;
}

/** What contestants may differ in: everything else is the shared front half of the fold. */
const OWN_KEYS = /^(model|training|seed)(\.|$)/;

/**
 * K configurations learn one log in one pass: they share reading, order, join, histories, statistics and the linear part,
 * see the same events in the same order, and each is scored before it learns. Keeps no checkpoint.
 *
 * @throws DadinError DADIN_USAGE where contestants differ in more than `model`, `training` and `seed`, or cannot share one
 *   linear part
 */
export async function contest(contestants: readonly Contestant[], options: ContestOptions): Promise<ContestResult> {
  const shared = sharedConfig(contestants);
  return await closingAtEnd(async (atEnd) => {
    const source = await createSource(shared, options.baseDirectory);
    atEnd(() => source.close());
    const fold = await createFold(shared);
    const learners: (Learner | null)[] = [];
    for (const { config, linearOnly } of contestants) {
      const learner = linearOnly ? null : await createLearner(config);
      if (learner !== null) atEnd(() => learner.close());
      learners.push(learner);
    }
    const panel = new PanelLearner(contestants.map((contestant, k) => panelist(contestant, learners[k]!)));
    const scores = new ScoreTable(contestants.length);
    fold.positions.bind(source.partitions);
    await source.open(fold.positions.next());
    const order = new ReorderBuffer(shared.ordering, fold.positions.starts(), null);
    const parts: LearnParts = {
      source: inFullChunks(source),
      order,
      fold,
      learner: panel,
      deadLetters: () => {},
      checkpoint: { isDue: () => false, save: async () => {} },
      stop: options.stop,
    };
    const settled = (turn: SettledTurn) => {
      record(scores, turn, panel);
      options.onProgress?.(turn.turn.events);
    };
    const startedMs = performance.now();
    await lastValueFrom(learn(parts).pipe(tap(settled)), { defaultValue: null });
    settled(await flush(parts));
    const seconds = (performance.now() - startedMs) / 1000;
    const entrants: Entrant[] = [];
    for (const [k, { name }] of contestants.entries()) entrants.push(await entrantOf(name, learners[k]!));
    return { scores, events: fold.counts.events, seconds, entrants };
  });
}

/** The first contestant's configuration with every input that some contestant reads. */
function sharedConfig(contestants: readonly Contestant[]): Config {
  const [first, ...others] = contestants;
  if (first === undefined) throw new DadinError('DADIN_USAGE', 'a contest of nobody', { step: 'configure' });
  if (first.targetOnly) {
    throw new DadinError('DADIN_USAGE', `${first.name} cannot lead a contest`, {
      step: 'configure',
      got: 'a contestant without the source domain in the first place',
      expected: 'one first that scores every impression: its scores are those that the fold judges',
    });
  }
  for (const { name, config } of others) {
    const differing = learningDifferences(first.config, config).filter((path) => !OWN_KEYS.test(path));
    if (differing.length > 0) {
      throw new DadinError('DADIN_USAGE', `${name} cannot learn beside ${first.name}`, {
        step: 'configure',
        got: `keys that differ: ${differing.join(', ')}`,
        expected: 'one front half: only model, training and seed may differ',
      });
    }
  }
  const linear = contestants.find(({ config }) => config.model.linear !== false);
  const statistics = contestants.some(({ config }) => config.model.statistics);
  const blind = contestants.find(
    ({ config }) => config.model.linear !== false && !sharesLinear(config, linear, statistics),
  );
  if (blind !== undefined) {
    throw new DadinError('DADIN_USAGE', `${blind.name} needs a linear part of its own`, {
      step: 'configure',
      got: 'a linear part without statistics, or with other options',
      expected: 'one linear part for all: it reads the statistics where anybody does',
      remedy: 'let it learn the same log in a pass of its own',
    });
  }
  // statistics and linear part come from whoever has them, so that their options are that contestant's
  const { model } = (linear ?? first).config;
  return { ...first.config, model: { ...model, statistics } };
}

function sharesLinear({ model }: Config, linear: Contestant | undefined, statistics: boolean): boolean {
  const same = JSON.stringify(model.linear) === JSON.stringify(linear?.config.model.linear);
  return same && model.statistics === statistics;
}

function panelist({ config, targetOnly }: Contestant, learner: Learner | null): Panelist {
  const { linear, statistics } = config.model;
  return { learner, readsOffset: linear !== false, readsStatistics: statistics, targetOnly: targetOnly ?? false };
}

function record(scores: ScoreTable, { turn, predictions }: SettledTurn, panel: PanelLearner): void {
  if (turn.score.length > 0) {
    const logits = panel.takeLogits();
    turn.score.forEach((sample, i) => {
      scores.add(
        sample,
        logits.map((of) => of[i]!),
      );
    });
  }
  for (const { sequence, label } of predictions) scores.label(sequence, label);
}

async function entrantOf(name: string, learner: Learner | null): Promise<Entrant> {
  if (learner === null) return { name, denseParameters: 0, rows: 0, backend: 'linear' };
  const { denseParameters, backend } = learner.describe();
  const rows = Object.values((await learner.inspect()).rows).reduce((sum, n) => sum + n, 0);
  return { name, denseParameters, rows, backend };
}
