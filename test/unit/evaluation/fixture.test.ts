import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  BinnedAuc,
  Calibration,
  EqualMassEce,
  EqualWidthEce,
  ExactAuc,
  LogLoss,
  RollingMetrics,
} from '../../../src/evaluation/index.js';
import { equalMassEce, type Pair } from './oracle.js';

type Figure = number | null;
interface Fixture {
  readonly logit: readonly number[];
  readonly label: readonly (0 | 1)[];
  readonly rows: readonly (readonly [Figure, Figure, Figure, Figure, Figure, Figure])[];
  readonly all: {
    readonly auc: number;
    readonly logloss: number;
    readonly ece10width: number;
    readonly ece10mass: number;
  };
}
const fixture = JSON.parse(readFileSync('test/fixtures/metrics.json', 'utf8')) as Fixture;
const WINDOW = 120;

function near(got: Figure, expected: Figure, tolerance: number): void {
  if (expected === null || got === null) expect(got).toBe(expected);
  else expect(Math.abs(got - expected)).toBeLessThanOrEqual(tolerance);
}

describe('metrics.json', () => {
  it('agrees at every event of the rolling window', () => {
    const rolling = new RollingMetrics({ maxRows: WINDOW, minPositives: Number.POSITIVE_INFINITY, spanMs: 0 });
    const binned = new BinnedAuc({ bins: 64, clip: 8 });
    fixture.logit.forEach((logit, i) => {
      rolling.update(logit, fixture.label[i]!, i);
      binned.add(logit, fixture.label[i]!);
      if (i >= WINDOW) binned.remove(fixture.logit[i - WINDOW]!, fixture.label[i - WINDOW]!);
      const [auc, binnedAuc, bound, logLoss, ne, copc] = fixture.rows[i]!;
      const summary = rolling.summary();
      near(summary.auc, auc, 1e-12);
      near(binned.summary().auc, binnedAuc, 1e-12);
      near(binned.summary().aucBound, bound, 1e-12);
      // logits are float32 here, float64 in the fixture
      near(summary.logLoss, logLoss, 1e-6);
      near(summary.ne, ne, 1e-5);
      near(summary.calibration, copc, 1e-5);
    });
  });

  it('agrees over all events', () => {
    const auc = new ExactAuc();
    const logLoss = new LogLoss();
    const calibration = new Calibration();
    const width = new EqualWidthEce(10);
    const mass = new EqualMassEce({ bins: 4096, clip: 12 });
    fixture.logit.forEach((logit, i) => {
      for (const metric of [auc, logLoss, calibration, width, mass]) metric.add(logit, fixture.label[i]!);
    });
    near(auc.auc, fixture.all.auc, 1e-12);
    near(logLoss.mean, fixture.all.logloss, 1e-6);
    near(width.value, fixture.all.ece10width, 1e-6);
    const rows: Pair[] = fixture.logit.map((logit, i) => ({ logit, label: fixture.label[i]! }));
    near(mass.error(10), equalMassEce(rows, 10, true), 1e-6);
    // the fixture breaks ties by order of arrival, which a histogram cannot know: here within one row of it
    near(equalMassEce(rows, 10, false), fixture.all.ece10mass, 1e-12);
    near(mass.error(10), fixture.all.ece10mass, 1 / rows.length);
  });
});
