import type { StepReport } from '../core/index.js';
import type { StepMeans, Weights } from './run-reading.js';

/** Means over the steps between two readings: one step of a few dozen rows says little by itself. */
export class StepTally {
  #steps = 0;
  #milliseconds = 0;
  readonly #lossLabel = new Mean();
  readonly #global = new Mean();
  readonly #clicked = new Mean();
  readonly #notClicked = new Mean();
  readonly #reversal = new Mean();
  readonly #interestClicked = [new Mean(), new Mean(), new Mean()] as const;
  readonly #interestNotClicked = [new Mean(), new Mean(), new Mean()] as const;

  add(report: StepReport, milliseconds: number): void {
    this.#steps++;
    this.#milliseconds += milliseconds;
    if (report.discarded) return;
    const { confusedLoss } = report;
    const ratio = (loss: number | null) => (loss === null || confusedLoss === 0 ? null : loss / confusedLoss);
    this.#lossLabel.add(report.lossLabel);
    this.#global.add(ratio(report.lossDomain));
    this.#clicked.add(ratio(report.lossClass1));
    this.#notClicked.add(ratio(report.lossClass0));
    this.#reversal.add(report.reversal);
    for (const [i, mean] of this.#interestClicked.entries()) mean.add(report.interestPositive?.[i] ?? null);
    for (const [i, mean] of this.#interestNotClicked.entries()) mean.add(report.interestNegative?.[i] ?? null);
  }

  /** The means so far, which start anew; null without a step. */
  take(): StepMeans | null {
    if (this.#steps === 0) return null;
    const milliseconds = this.#milliseconds / this.#steps;
    this.#steps = 0;
    this.#milliseconds = 0;
    return {
      milliseconds,
      lossLabel: this.#lossLabel.take(),
      global: this.#global.take(),
      clicked: this.#clicked.take(),
      notClicked: this.#notClicked.take(),
      reversal: this.#reversal.take(),
      interestClicked: takeWeights(this.#interestClicked),
      interestNotClicked: takeWeights(this.#interestNotClicked),
    };
  }
}

/** A mean of what is not null. */
export class Mean {
  #sum = 0;
  #count = 0;

  add(value: number | null): void {
    if (value === null || !Number.isFinite(value)) return;
    this.#sum += value;
    this.#count++;
  }

  /** Null without a value; starts anew. */
  take(): number | null {
    const mean = this.#count === 0 ? null : this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    return mean;
  }
}

function takeWeights([user, target, source]: readonly [Mean, Mean, Mean]): Weights | null {
  const weights = [user.take(), target.take(), source.take()] as const;
  return weights.some((weight) => weight === null) ? null : (weights as Weights);
}
