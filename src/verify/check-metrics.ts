import {
  BinnedAuc,
  Calibration,
  EqualMassEce,
  EqualWidthEce,
  ExactAuc,
  LogLoss,
  RollingMetrics,
} from '../evaluation/index.js';
import { Comparison, FLOAT64, type Tolerance, type Verdict } from './verdict.js';

type Figure = number | null;

interface MetricsFixture {
  readonly logit: readonly number[];
  readonly label: readonly (0 | 1)[];
  /** auc, binned auc, its bound, log loss, normalized entropy, COPC of the window that ends here */
  readonly rows: readonly (readonly [Figure, Figure, Figure, Figure, Figure, Figure])[];
  readonly all: Readonly<Record<'auc' | 'logloss' | 'ece10width' | 'ece10mass', number>>;
}

const WINDOW_ROWS = 120;
const BINS = { bins: 64, clip: 8 };
const ECE_BINS = 10;
/** Windows and sums hold logits as float32. */
const FLOAT32_LOGIT: Tolerance = (expected) => 1e-6 * Math.max(1, Math.abs(expected));

/** Rolling and whole-run metrics at every event. */
export function checkMetrics(file: string, content: unknown): Verdict {
  const fixture = content as MetricsFixture;
  const comparison = new Comparison();
  const rolling = new RollingMetrics({ maxRows: WINDOW_ROWS, minPositives: Number.POSITIVE_INFINITY, spanMs: 0 });
  const binned = new BinnedAuc(BINS);
  const whole = {
    auc: new ExactAuc(),
    logLoss: new LogLoss(),
    calibration: new Calibration(),
    width: new EqualWidthEce(ECE_BINS),
    mass: new EqualMassEce({ bins: 4096, clip: 12 }),
  };
  for (const [i, logit] of fixture.logit.entries()) {
    const label = fixture.label[i]!;
    for (const metric of Object.values(whole)) metric.add(logit, label);
    rolling.update(logit, label, i);
    binned.add(logit, label);
    if (i >= WINDOW_ROWS) binned.remove(fixture.logit[i - WINDOW_ROWS]!, fixture.label[i - WINDOW_ROWS]!);
    const [auc, binnedAuc, bound, logLoss, ne, copc] = fixture.rows[i]!;
    const window = rolling.summary();
    const bins = binned.summary();
    comparison.number(`auc at ${i}`, window.auc, auc, FLOAT64);
    comparison.number(`binned auc at ${i}`, bins.auc, binnedAuc, FLOAT64);
    comparison.number(`bound at ${i}`, bins.aucBound, bound, FLOAT64);
    comparison.number(`log loss at ${i}`, window.logLoss, logLoss, FLOAT32_LOGIT);
    comparison.number(`normalized entropy at ${i}`, window.ne, ne, FLOAT32_LOGIT);
    comparison.number(`calibration at ${i}`, window.calibration, copc, FLOAT32_LOGIT);
  }
  const { all } = fixture;
  comparison.number('all.auc', whole.auc.auc, all.auc, FLOAT64);
  comparison.number('all.logloss', whole.logLoss.mean, all.logloss, FLOAT32_LOGIT);
  comparison.number('all.ece10width', whole.width.value, all.ece10width, FLOAT32_LOGIT);
  // equal masses cut ties by order of arrival, which a histogram does not know: at most one row goes elsewhere
  comparison.number('all.ece10mass', whole.mass.error(ECE_BINS), all.ece10mass, () => 1 / fixture.logit.length);
  return comparison.verdict(file, 'evaluation');
}
