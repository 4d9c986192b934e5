import { type ReplaySummary, replay } from '../pipelines/replay.js';
import { parseConfig } from '../src/config/index.js';
import { bayesAuc } from '../src/evaluation/bayes.js';
import { exactAuc } from '../src/evaluation/index.js';
import { createSyntheticSource, rowOfImpression, type SyntheticTruth } from '../src/sources/synthetic/index.js';

/** The learner of algorithm reference E.3: d 16, [64, 32, 16], Adam 3e-3, B 256. */
const LEARNER = [
  'input.kind=synthetic',
  'features.shared=[topic]',
  'model.preset=small',
  'training.denseLearningRate=0.003',
  'training.embeddingLearningRate=0.003',
];

/** A prequential run over a synthetic stream, beside the truth that it could not see. */
export interface ClaimRun {
  readonly truth: SyntheticTruth;
  readonly summary: ReplaySummary;
  /** Logit of each row of the stream, taken before the row was learned; NaN where it was not scored. */
  readonly logits: Float32Array;
  /** Labels as the run knew them, -1 where it did not. */
  readonly labels: Int8Array;
  /** L_d / H of each step that had both domains. */
  readonly domainLossRatios: readonly number[];
  readonly restored: number;
}

/** Learns over a stream with these configuration keys on top of E.3's learner. */
export async function runClaim(overrides: readonly string[]): Promise<ClaimRun> {
  const config = parseConfig('', 'claims', { env: {}, overrides: [...LEARNER, ...overrides] });
  const truth = createSyntheticSource(config.input.synthetic).truth();
  const logits = new Float32Array(truth.size).fill(Number.NaN);
  const labels = new Int8Array(truth.size).fill(-1);
  const domainLossRatios: number[] = [];
  let restored = 0;
  const summary = await replay(config, {
    baseDirectory: '.',
    resume: 'never',
    stop: new AbortController().signal,
    observer: {
      started() {},
      notice(message) {
        process.stderr.write(`${message}\n`);
      },
      turn({ predictions, report }) {
        for (const sample of predictions) {
          const row = rowOfImpression(sample.impressionId);
          logits[row] = sample.logit;
          labels[row] = sample.label;
        }
        if (report === null) return;
        if (report.restored) restored++;
        if (report.lossDomain !== null) domainLossRatios.push(report.lossDomain / report.confusedLoss);
      },
    },
  });
  return { truth, summary, logits, labels, domainLossRatios, restored };
}

/** Which rows a figure is of. */
export interface Slice {
  /** 1 target, 0 source */
  readonly domain: 0 | 1;
  /** parts of the stream */
  readonly from: number;
  readonly to: number;
  readonly coldOnly?: boolean;
}

export function rowsOf({ truth }: ClaimRun, { domain, from, to, coldOnly }: Slice): number[] {
  const rows: number[] = [];
  for (let i = Math.round(from * truth.size); i < Math.round(to * truth.size); i++) {
    if (truth.domain[i] === domain && (!coldOnly || truth.cold[i] === 1)) rows.push(i);
  }
  return rows;
}

/** AUC of the run's logits on the slice, and the best that any scorer could expect there. */
export function aucOf(run: ClaimRun, slice: Slice): { readonly auc: number; readonly bayes: number } {
  const rows = rowsOf(run, slice);
  const auc = exactAuc(
    Float32Array.from(rows, (row) => run.logits[row]!),
    Uint8Array.from(rows, (row) => run.truth.clicked[row]!),
  );
  const bayes = bayesAuc(Float64Array.from(rows, (row) => run.truth.p[row]!));
  return { auc: auc ?? Number.NaN, bayes: bayes ?? Number.NaN };
}
