import { buildBatch } from '../batching/index.js';
import { type Learner, type Sample, SeededRandom } from '../core/index.js';
import { exactAuc } from '../evaluation/index.js';
import { type OfflineSplit, shuffle } from './offline-split.js';

export interface EpochsOptions {
  readonly batchSize: number;
  readonly maxEpochs: number;
  /** Epochs in a row without a better validation AUC after which training ends. */
  readonly patience: number;
  readonly seed: number;
}

export interface Trained {
  /** Of the test rows, as the model was after its best epoch. */
  readonly logits: Float32Array;
  /** Validation AUC after each epoch. */
  readonly validation: readonly number[];
  /** Counted from 1. */
  readonly bestEpoch: number;
}

const SCORED_ROWS = 4096;

/** Goes over the training rows in another order each epoch until validation stops getting better. */
export async function trainEpochs(
  learner: Pick<Learner, 'score' | 'train'>,
  { train, valid, test }: OfflineSplit,
  { batchSize, maxEpochs, patience, seed }: EpochsOptions,
): Promise<Trained> {
  const random = new SeededRandom(seed, 'offline.epochs');
  const lastMs = train.reduce((last, { eventTimeMs }) => Math.max(last, eventTimeMs), 0);
  const validLabels = Uint8Array.from(valid, ({ label }) => label);
  const validation: number[] = [];
  let best: { readonly logits: Float32Array; readonly auc: number; readonly epoch: number } = {
    logits: new Float32Array(0),
    auc: Number.NEGATIVE_INFINITY,
    epoch: 0,
  };
  for (let epoch = 1; epoch <= maxEpochs && epoch - best.epoch <= patience; epoch++) {
    const rows = shuffle(train, random);
    for (let from = 0; from < rows.length; from += batchSize) {
      // event time does not go on: nothing is freed for its age between epochs
      await learner.train(buildBatch(rows.slice(from, from + batchSize)), lastMs);
    }
    const auc = exactAuc(await scored(learner, valid), validLabels) ?? Number.NaN;
    validation.push(auc);
    if (auc > best.auc) best = { logits: await scored(learner, test), auc, epoch };
  }
  return { logits: best.logits, validation, bestEpoch: best.epoch };
}

async function scored(learner: Pick<Learner, 'score'>, samples: readonly Sample[]): Promise<Float32Array> {
  const logits = new Float32Array(samples.length);
  for (let from = 0; from < samples.length; from += SCORED_ROWS) {
    logits.set(await learner.score(buildBatch(samples.slice(from, from + SCORED_ROWS))), from);
  }
  return logits;
}
