import type { Sample, SnapshotPool, StateValue, TrainingRow } from '../src/core/index.js';
import {
  elapsedTimeWeights,
  fakeNegativeWeights,
  isKeptNegative,
  LabelLooks,
  type LabelWeights,
  looksEarly,
  realNegativeWeights,
} from '../src/join/index.js';
import { ProbabilityHead } from '../src/linear/index.js';
import type { TrainingRowsOptions } from './fold-options.js';
import type { PointInTime } from './point-in-time.js';

/** Attribution windows that the heads must have seen before their weights are used; until then training waits. */
const LEARNING_WINDOWS = 10;

/** Windows over which waiting training comes to learn clicks at once. */
const HOLDING_WINDOWS = 10;

const NOTHING = (): void => {};

/** Of one impression: where training does not wait, both classes are weighted, so that the stream's bias is undone. */
const UNWEIGHTED: LabelWeights = { positive: 1, negative: 1 };

/**
 * What enters training, when, and with what weight (algorithm D.7, D.12). Labels themselves are not its business:
 * histories, statistics and metrics see final labels in every mode.
 *
 * | mode | an impression whose click is told later enters |
 * |---|---|
 * | wait | once: at its click, or when its window has closed; at the start of a stream see below |
 * | fakeNegative... | as a negative at once, as a positive at its click |
 * | esDfm | at the first look with the label it has by then, as a positive at a later click |
 * | defer | at the first look with the label it has by then, and again: at a later click, or when its window has closed |
 *
 * Until the first window has closed there are clicks but no negatives, and a model that learns the one without the other
 * says 1 to everything. So clicks of the first impressions are held for a whole window, those of later ones for less, until
 * after ten windows none is: meanwhile a tenth more clicks than negatives are learned, as must be once.
 *
 * Weights come from estimates of the moment and are constants to the gradient: the linear part's own probability of a
 * click (a head of its own where the model has no linear part), and heads for the delay, which learn from impressions as
 * old as the window. They stand before the seam, so the linear part and the model learn the same rows and weights.
 */
export class TrainingRows {
  readonly #options: TrainingRowsOptions;
  readonly #known: Pick<PointInTime, 'linearLogit'>;
  readonly #enter: (row: TrainingRow) => void;
  readonly #replayable: (sample: Sample) => void;
  /** `esDfm`, `defer`. */
  readonly #looks: LabelLooks | null;
  /** While training waits: looks at the first impressions as late as their clicks are held. */
  readonly #held: LabelLooks | null;
  /** P(click | x) where the model has no linear part that says it. */
  readonly #click: ProbabilityHead | null;
  /** P(click after the first look | x) */
  readonly #delayed: ProbabilityHead | null;
  /** P(never a click | x, none at the first look) */
  readonly #realNegative: ProbabilityHead | null;
  #firstMs: number | null = null;
  /** `esDfm`, `defer`: impressions after this event time enter early; those before wait. */
  #earlyAfterMs = Number.POSITIVE_INFINITY;
  #nowMs = Number.NEGATIVE_INFINITY;

  /** `enter` is given rows as they come, `replayable` samples whose label is final and may be learned again. */
  constructor(
    options: TrainingRowsOptions,
    known: Pick<PointInTime, 'linearLogit' | 'hasLinear'>,
    enter: (row: TrainingRow) => void,
    replayable: (sample: Sample) => void,
  ) {
    const { mode } = options;
    this.#options = options;
    this.#known = known;
    this.#enter = enter;
    this.#replayable = replayable;
    const { firstLookMs } = options;
    const look = (firstLookAtMs: (impressionMs: number) => number) => new LabelLooks({ ...options, firstLookAtMs });
    this.#looks = looksEarly(mode) ? look((impressionMs) => impressionMs + firstLookMs) : null;
    const waits = mode === 'wait' || looksEarly(mode);
    this.#held = waits ? look((impressionMs) => impressionMs + this.#holdMs(impressionMs)) : null;
    const usesClick = mode === 'fakeNegativeWeighted' || mode === 'defer';
    this.#click = usesClick && !known.hasLinear ? new ProbabilityHead() : null;
    this.#delayed = looksEarly(mode) ? new ProbabilityHead() : null;
    this.#realNegative = mode === 'esDfm' ? new ProbabilityHead() : null;
  }

  /** Event time reaches `nowMs`; labels of windows that have closed are final. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#held?.advance(nowMs, this.#release, NOTHING);
    this.#looks?.advance(nowMs, this.#look, this.#outcome);
  }

  /** The event carries its label: nothing is delayed. */
  carried(sample: Sample): void {
    this.#final(sample);
    // a model of fake negatives is served as one, so every impression must be a negative in it
    if (this.#options.mode === 'fakeNegativeCalibrated') this.#add(sample, 0, 1);
    if (sample.label === 1 || this.#options.mode !== 'fakeNegativeCalibrated') this.#add(sample, sample.label, 1);
  }

  /** An impression whose click is told later. */
  begin(sample: Sample): void {
    const { mode } = this.#options;
    if (mode === 'fakeNegativeWeighted') this.#add(sample, 0, this.#weights(sample).negative);
    if (mode === 'fakeNegativeCalibrated') this.#add(sample, 0, 1);
    this.#firstMs ??= sample.eventTimeMs;
    if (this.#holdMs(sample.eventTimeMs) > 0) this.#held?.add(sample);
    this.#looks?.add(sample);
  }

  /** The label of an impression that has begun is final. */
  settled(sample: Sample): void {
    this.#final(sample);
    if (this.#held !== null && !this.#isEarly(sample)) {
      if (sample.label === 0 || !this.#isHeld(sample, this.#held)) this.#add(sample, sample.label, 1);
    } else if (sample.label === 1) {
      const isLate = this.#looks === null || this.#looks.isOver(sample, this.#nowMs);
      if (isLate) this.#add(sample, 1, this.#weights(sample).positive);
    }
  }

  /** Impressions that were left out because too many waited for a look. */
  get leftOut(): number {
    return (this.#looks?.leftOut ?? 0) + (this.#held?.leftOut ?? 0);
  }

  readonly #release = (sample: Sample, label: number): void => {
    if (label === 1) this.#add(sample, 1, 1);
  };

  readonly #look = (sample: Sample, label: number): void => {
    if (this.#isEarly(sample)) this.#add(sample, label, this.#weightOf(sample, label));
  };

  readonly #outcome = (sample: Sample, seen: number): void => {
    const isLateClick = sample.label === 1 && seen === 0;
    this.#delayed?.learn(sample, isLateClick ? 1 : 0, 1);
    if (seen === 0) this.#realNegative?.learn(sample, 1 - sample.label, 1);
    const windowsMs = LEARNING_WINDOWS * this.#options.attributionWindowMs;
    if (this.#earlyAfterMs === Number.POSITIVE_INFINITY && sample.eventTimeMs - this.#firstMs! >= windowsMs) {
      this.#earlyAfterMs = this.#nowMs;
    }
    if (this.#options.mode === 'defer' && this.#isEarly(sample) && !isLateClick) {
      this.#add(sample, sample.label, this.#weightOf(sample, sample.label));
    }
  };

  /** How long the click of an impression at this time is held, from the impression on. */
  #holdMs(impressionMs: number): number {
    const windowMs = this.#options.attributionWindowMs;
    return Math.max(0, windowMs - (impressionMs - this.#firstMs!) / HOLDING_WINDOWS);
  }

  #isHeld(sample: Sample, held: LabelLooks): boolean {
    return this.#holdMs(sample.eventTimeMs) > 0 && !held.isOver(sample, this.#nowMs);
  }

  #isEarly({ eventTimeMs }: Sample): boolean {
    return eventTimeMs > this.#earlyAfterMs;
  }

  #add(sample: Sample, label: number, weight: number): void {
    if (label === 0 && !isKeptNegative(sample.impressionId, this.#options.negativeRate)) return;
    this.#click?.learn(sample, label, weight);
    this.#enter({ sample, label, weight });
  }

  #final(sample: Sample): void {
    if (sample.label === 1 || isKeptNegative(sample.impressionId, this.#options.negativeRate)) this.#replayable(sample);
  }

  #weightOf(sample: Sample, label: number): number {
    const { positive, negative } = this.#weights(sample);
    return label === 1 ? positive : negative;
  }

  #weights(sample: Sample): LabelWeights {
    switch (this.#options.mode) {
      case 'fakeNegativeWeighted':
        return fakeNegativeWeights(this.#clickProbability(sample));
      case 'esDfm':
        return elapsedTimeWeights(this.#delayed!.of(sample), this.#realNegative!.of(sample));
      case 'defer': {
        const p = this.#clickProbability(sample);
        // a part of p, whatever the two estimates say
        return realNegativeWeights(p, Math.min(p, this.#delayed!.of(sample)));
      }
      default:
        return UNWEIGHTED;
    }
  }

  /** Among all impressions, though learned from a share of the negatives. */
  #clickProbability(sample: Sample): number {
    const logit = this.#click === null ? this.#known.linearLogit(sample) : this.#click.logit(sample);
    return 1 / (1 + Math.exp(-logit - Math.log(this.#options.negativeRate)));
  }

  snapshot(pool: SnapshotPool): StateValue {
    return {
      looks: this.#looks?.snapshot(pool) ?? null,
      held: this.#held?.snapshot(pool) ?? null,
      click: this.#click?.snapshot() ?? null,
      delayed: this.#delayed?.snapshot() ?? null,
      realNegative: this.#realNegative?.snapshot() ?? null,
      firstMs: this.#firstMs,
      earlyAfterMs: this.#earlyAfterMs,
      nowMs: this.#nowMs,
    };
  }

  restore(state: StateValue, pool: SnapshotPool): void {
    const s = state as unknown as TrainingRowsState;
    this.#looks?.restore(s.looks, pool);
    this.#held?.restore(s.held, pool);
    this.#click?.restore(s.click);
    this.#delayed?.restore(s.delayed);
    this.#realNegative?.restore(s.realNegative);
    this.#firstMs = s.firstMs;
    this.#earlyAfterMs = s.earlyAfterMs;
    this.#nowMs = s.nowMs;
  }
}

interface TrainingRowsState {
  readonly looks: StateValue;
  readonly held: StateValue;
  readonly click: StateValue;
  readonly delayed: StateValue;
  readonly realNegative: StateValue;
  readonly firstMs: number | null;
  readonly earlyAfterMs: number;
  readonly nowMs: number;
}
