import { createLearner } from '../../pipelines/assembly.js';
import { type LabelledSamples, labelledSamples } from '../../pipelines/labelled-samples.js';
import { type Config, parseConfig } from '../config/index.js';
import { bug, DadinError } from '../core/index.js';
import { board, judged, type Leaderboard, type SeedResult } from './board.js';
import type { Entry } from './entries.js';
import { type Trained, trainEpochs } from './epochs.js';
import { type OfflineSplit, resampledSplit, splitByTime } from './offline-split.js';
import type { ResampleOptions } from './resample.js';

/** `paper`: widths, rates and batches of Table 2; `small`: what a laptop does in minutes. */
export const OFFLINE_SIZES = ['small', 'paper'] as const;
export type OfflineSize = (typeof OFFLINE_SIZES)[number];

export interface OfflineOptions {
  /** Configuration of the log; null: a generated stream, another one each seed. */
  readonly yaml: string | null;
  readonly fileName: string;
  readonly overrides: readonly string[];
  readonly baseDirectory: string;
  /** Seeds of the shuffle of users and of the learners, and of the stream where it is synthetic. */
  readonly seeds: readonly number[];
  readonly entries: readonly Entry[];
  readonly size: OfflineSize;
  /** Algorithm 2, or shares of the target's rows in order of time. */
  readonly split: ResampleOptions | readonly [train: number, valid: number];
  readonly maxEpochs: number;
  readonly patience: number;
  readonly stop: AbortSignal;
  readonly onTrained: (run: OfflineRun) => void;
}

/** One entry's training with one seed. */
export interface OfflineRun extends Omit<Trained, 'logits'> {
  readonly seed: number;
  readonly name: string;
}

export interface OfflineResult {
  readonly board: Leaderboard;
  readonly runs: readonly OfflineRun[];
}

const SINGLE_DOMAIN: ReadonlySet<string> = new Set(['lr', 'fm', 'wide-deep', 'nfm', 'xdeepfm', 'din']);

/**
 * The paper's protocol: the log cut once a seed, epochs over the training rows with Adam, the epoch with the best
 * validation AUC judged on the test rows. `stop`: no further seed begins.
 *
 * @throws DadinError DADIN_USAGE where the log is too short for the split, or the model reads what learns at every event
 */
export async function offline(options: OfflineOptions): Promise<OfflineResult> {
  const results: SeedResult[] = [];
  const runs: OfflineRun[] = [];
  let log: LabelledSamples | null = null;
  for (const seed of options.seeds) {
    if (options.stop.aborted && results.length > 0) break;
    const configs = options.entries.map((entry) => configOf(entry, seed, options));
    if (log === null || options.yaml === null) log = await labelledSamples(configs[0]!, options.baseDirectory);
    const startedMs = performance.now();
    const split = cut(log, seed, options);
    const trained = await Promise.all(
      options.entries.map(async (entry, k) => {
        const { entrant, ...rest } = await trainedOn(split, configs[k]!, seed, options);
        const run = { seed, name: entry.name, validation: rest.validation, bestEpoch: rest.bestEpoch };
        options.onTrained(run);
        return { run, entrant, logits: rest.logits };
      }),
    );
    runs.push(...trained.map(({ run }) => run));
    const rows = {
      labels: Uint8Array.from(split.test, ({ label }) => label),
      cold: Uint8Array.from(split.test, ({ userId }) => (split.coldUsers.has(userId) ? 1 : 0)),
      logitsOf: (name: string) =>
        trained.find(({ run }) => run.name === name)?.logits ?? bug(`${name} was not trained`),
    };
    results.push({
      ...judged(rows, options.entries),
      events: log.events,
      seconds: (performance.now() - startedMs) / 1000,
      entrants: trained.map(({ entrant }) => entrant),
    });
  }
  const seeds = options.seeds.slice(0, results.length);
  return { board: board(protocolOf(options), options.entries, results, seeds), runs };
}

async function trainedOn(split: OfflineSplit, config: Config, seed: number, options: OfflineOptions) {
  const learner = await createLearner(config);
  try {
    const { maxEpochs, patience } = options;
    const trained = await trainEpochs(learner, split, { batchSize: config.batching.size, maxEpochs, patience, seed });
    const { denseParameters } = learner.describe();
    const rows = Object.values((await learner.inspect()).rows).reduce((sum, n) => sum + n, 0);
    return { ...trained, entrant: { denseParameters, rows } };
  } finally {
    await learner.close();
  }
}

function cut({ samples }: LabelledSamples, seed: number, { split }: OfflineOptions): OfflineSplit {
  return 'trainShare' in split ? resampledSplit(samples, seed, split) : splitByTime(samples, split);
}

function configOf(entry: Entry, seed: number, options: OfflineOptions): Config {
  const synthetic = options.yaml === null ? [`input.synthetic.seed=${seed}`, 'features.shared=[topic]'] : [];
  const config = parseConfig(options.yaml ?? '', options.fileName, {
    overrides: [
      ...synthetic,
      ...entry.overrides,
      ...sized(entry, options.size),
      ...options.overrides,
      'transfer.ledger=false',
      'transfer.switchOff=false',
      `seed=${seed}`,
    ],
  });
  if (config.model.statistics || config.model.linear !== false) {
    throw new DadinError('DADIN_USAGE', 'a model that learns in epochs cannot read what learns at every event', {
      step: 'configure',
      got: 'model.statistics or model.linear',
      expected: 'both false: their inputs at a training row would know labels of dropped rows',
    });
  }
  return config;
}

/** Table 2: rate 1e-3, batches of 1000, [512, 512, 512] for models of one domain; 1e-4, 2000, [512, 128, 64] across. */
function sized({ overrides }: Entry, size: OfflineSize): readonly string[] {
  const kind = overrides.find((key) => key.startsWith('model.kind='))?.slice('model.kind='.length) ?? 'dadin';
  const trained = (rate: string, batchSize: number) => [
    `training.denseLearningRate=${rate}`,
    `training.embeddingLearningRate=${rate}`,
    `batching.size=${batchSize}`,
  ];
  if (size === 'small') return trained('0.001', 256);
  const dropout = kind === 'dadin' ? ['model.dropout=0.2'] : [];
  return SINGLE_DOMAIN.has(kind)
    ? ['model.preset=paper', 'model.hidden=[512,512,512]', ...trained('0.001', 1000)]
    : ['model.preset=paper', ...dropout, ...trained('0.0001', 2000)];
}

function protocolOf({ split, size, maxEpochs, patience }: OfflineOptions): string {
  const parts =
    'trainShare' in split
      ? `Algorithm 2 (A_train ${split.trainShare}, A_cross ${split.crossShare}, source rows of ${split.sourceUsers === 'all' ? 'all users' : 'train users'}) cut the log anew each seed; cold users are those without target rows in training`
      : `The first ${split[0]} of the target's rows by time train, the next ${split[1]} choose the epoch, the rest is the test; cold users are those without target rows in training`;
  return `${parts}. Up to ${maxEpochs} epochs of Adam, ended after ${patience} without a better validation AUC; the best epoch is judged on the test rows. Size: ${size}.`;
}
