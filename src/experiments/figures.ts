import { replay } from '../../pipelines/replay.js';
import { parseConfig } from '../config/index.js';
import type { StepReport } from '../core/index.js';

/** The paper's four settings of (lambda2, lambda3). */
export const LAMBDA_SETTINGS = [
  [1, 1],
  [0.5, 1],
  [1, 0.5],
  [0.5, 0.5],
] as const;

/** Points of a curve; each is the mean of as many steps. */
const POINTS = 300;

export interface FiguresOptions {
  /** Configuration of the log to learn; null: a generated stream, as the overrides describe it. */
  readonly yaml: string | null;
  readonly fileName: string;
  readonly overrides: readonly string[];
  readonly baseDirectory: string;
  readonly stop: AbortSignal;
  readonly onSetting: (lambda2: number, lambda3: number) => void;
}

/** Mean interest weights of target rows: user, target history, source history. */
export type InterestWeights = readonly [user: number, targetHistory: number, sourceHistory: number];

export interface PaperFigures {
  /** Figure 7, of the first setting over the second half of its steps; null where no step had target rows of that label. */
  readonly interest: { readonly clicked: InterestWeights | null; readonly notClicked: InterestWeights | null };
  /** Figure 8, by setting. */
  readonly losses: readonly LossCurve[];
  readonly steps: number;
}

export interface LossCurve {
  readonly lambda2: number;
  readonly lambda3: number;
  readonly points: readonly LossPoint[];
}

/** Means over some steps; null where no step had the loss. */
export interface LossPoint {
  readonly events: number;
  readonly eventTimeMs: number;
  /** lambda1 L_y */
  readonly label: number | null;
  /** L_d and alpha L_d0 + (1 - alpha) L_d1 over H, the loss of a confused discriminator: 1 is confused. */
  readonly global: number | null;
  readonly intraClass: number | null;
  /** Loss1 + Loss2 + Loss3 as weighted. */
  readonly total: number | null;
  readonly reversal: number | null;
}

interface Step {
  readonly events: number;
  readonly eventTimeMs: number;
  readonly report: StepReport;
}

/** Figures 7 and 8 of the paper: the same log learned once a setting. `stop`: no further setting begins. */
export async function paperFigures(options: FiguresOptions): Promise<PaperFigures> {
  const losses: LossCurve[] = [];
  let first: readonly Step[] = [];
  for (const [lambda2, lambda3] of LAMBDA_SETTINGS) {
    if (options.stop.aborted && losses.length > 0) break;
    options.onSetting(lambda2, lambda3);
    const { model, steps } = await stepsOf(options, lambda2, lambda3);
    if (losses.length === 0) first = steps;
    const size = Math.max(1, Math.ceil(steps.length / POINTS));
    const points: LossPoint[] = [];
    for (let from = 0; from < steps.length; from += size) points.push(pointOf(steps.slice(from, from + size), model));
    losses.push({ lambda2, lambda3, points });
  }
  const settled = first.slice(Math.floor(first.length / 2)).map(({ report }) => report);
  return {
    interest: {
      clicked: meanWeights(settled.map(({ interestPositive }) => interestPositive)),
      notClicked: meanWeights(settled.map(({ interestNegative }) => interestNegative)),
    },
    losses,
    steps: first.length,
  };
}

interface Weights {
  readonly lambda1: number;
  readonly lambda2: number;
  readonly lambda3: number;
  readonly alpha: number;
}

async function stepsOf(options: FiguresOptions, lambda2: number, lambda3: number) {
  const synthetic = options.yaml === null ? ['features.shared=[topic]'] : [];
  const config = parseConfig(options.yaml ?? '', options.fileName, {
    overrides: [
      ...synthetic,
      'model.preset=small',
      ...options.overrides,
      `model.lambda2=${lambda2}`,
      `model.lambda3=${lambda3}`,
      'transfer.ledger=false',
      'transfer.switchOff=false',
      'checkpoint.directory=null',
    ],
  });
  const steps: Step[] = [];
  await replay(config, {
    baseDirectory: options.baseDirectory,
    resume: 'never',
    stop: new AbortController().signal,
    observer: {
      started() {},
      notice() {},
      turn({ turn: { events, eventTimeMs }, report }) {
        if (report !== null && !report.discarded) steps.push({ events, eventTimeMs, report });
      },
    },
  });
  return { model: config.model, steps };
}

function pointOf(steps: readonly Step[], { lambda1, lambda2, lambda3, alpha }: Weights): LossPoint {
  const mean = (of: (report: StepReport) => number | null) => meanOf(steps.map(({ report }) => of(report)));
  const intraClass = ({ lossClass0, lossClass1 }: StepReport) =>
    lossClass0 === null || lossClass1 === null ? null : alpha * lossClass0 + (1 - alpha) * lossClass1;
  const last = steps.at(-1)!;
  return {
    events: last.events,
    eventTimeMs: last.eventTimeMs,
    label: mean(({ lossLabel }) => lambda1 * lossLabel),
    global: mean(({ lossDomain, confusedLoss }) => (lossDomain === null ? null : lossDomain / confusedLoss)),
    intraClass: mean((report) => {
      const loss = intraClass(report);
      return loss === null ? null : loss / report.confusedLoss;
    }),
    total: mean((report) => {
      const loss = intraClass(report);
      if (report.lossDomain === null || loss === null) return null;
      return lambda1 * report.lossLabel + lambda2 * report.lossDomain + lambda3 * loss;
    }),
    reversal: mean(({ reversal }) => reversal),
  };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function meanWeights(weights: readonly (InterestWeights | null)[]): InterestWeights | null {
  const known = weights.filter((value) => value !== null);
  if (known.length === 0) return null;
  const at = (i: 0 | 1 | 2) => known.reduce((sum, value) => sum + value[i], 0) / known.length;
  return [at(0), at(1), at(2)];
}
