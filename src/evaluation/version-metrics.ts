import type { Stateful, StateValue } from '../core/index.js';
import { type AucSummary, BinnedAuc } from './binned-auc.js';
import { Calibration } from './calibration.js';
import type { JudgedRow } from './judged-row.js';
import { LogLoss } from './log-loss.js';
import { COARSE_BINS } from './logit-bins.js';

interface VersionFigures extends AucSummary {
  /** Nats a row. */
  readonly logLoss: number | null;
  readonly ne: number | null;
  /** Predicted clicks over observed ones. */
  readonly calibration: number | null;
}

const SLICES = ['all', 'cold', 'warm', 'newItem'] as const;
type Slice = (typeof SLICES)[number];

export type VersionSummary = { readonly version: number } & Readonly<Record<Slice, VersionFigures>>;

/** Of a scored row, what its place here depends on. */
export interface VersionRow {
  readonly version: number;
  readonly logit: number;
  readonly label: 0 | 1;
  readonly coldUser: boolean;
  readonly newItem: boolean;
}

interface Figures {
  readonly auc: BinnedAuc;
  readonly logLoss: LogLoss;
  readonly calibration: Calibration;
}

type Version = Readonly<Record<Slice, Figures>>;

interface VersionMetricsState {
  readonly [key: string]: StateValue;
  readonly versions: readonly (readonly [number, readonly StateValue[]])[];
}

/** Figures of one domain by the model version that scored the row, for the newest `keep` versions: what a gate compares. */
export class VersionMetrics implements Stateful {
  readonly #keep: number;
  #versions = new Map<number, Version>();

  constructor(keep: number) {
    this.#keep = keep;
  }

  /** Rows of versions older than the newest `keep` are left out. */
  add(row: Omit<VersionRow, 'logit' | 'label'>, judged: JudgedRow): void {
    const metrics = this.#versions.get(row.version) ?? this.#start(row.version);
    if (metrics === null) return;
    addTo(metrics.all, judged);
    addTo(row.coldUser ? metrics.cold : metrics.warm, judged);
    if (row.newItem) addTo(metrics.newItem, judged);
  }

  /** A late label: flips that of `row` as it was counted, where its version is still held. */
  restate(row: VersionRow): void {
    const metrics = this.#versions.get(row.version);
    if (metrics === undefined) return;
    for (const figures of slicesOf(metrics, row)) {
      for (const metric of [figures.auc, figures.logLoss, figures.calibration]) {
        metric.remove(row.logit, row.label);
        metric.add(row.logit, row.label === 1 ? 0 : 1);
      }
    }
  }

  /** Adds another partition's rows; of both, the newest `keep` versions stay. */
  merge(other: VersionMetrics): void {
    for (const [version, theirs] of [...other.#versions].sort(([a], [b]) => b - a)) {
      const own = this.#versions.get(version) ?? this.#start(version);
      if (own === null) continue;
      for (const slice of SLICES) {
        own[slice].auc.merge(theirs[slice].auc);
        own[slice].logLoss.merge(theirs[slice].logLoss);
        own[slice].calibration.merge(theirs[slice].calibration);
      }
    }
  }

  /** Oldest version first. */
  summary(): VersionSummary[] {
    return [...this.#versions]
      .sort(([a], [b]) => a - b)
      .map(([version, { all, cold, warm, newItem }]) => ({
        version,
        all: figuresOf(all),
        cold: figuresOf(cold),
        warm: figuresOf(warm),
        newItem: figuresOf(newItem),
      }));
  }

  snapshot(): StateValue {
    const versions = [...this.#versions].map(([version, metrics]) => {
      const parts = SLICES.flatMap((slice) => partsOf(metrics[slice]).map((part) => part.snapshot()));
      return [version, parts] as const;
    });
    return { versions } satisfies VersionMetricsState;
  }

  restore(state: StateValue): void {
    const { versions } = state as VersionMetricsState;
    this.#versions = new Map();
    for (const [version, parts] of versions) {
      const metrics = newVersion();
      for (const [i, part] of SLICES.flatMap((slice) => partsOf(metrics[slice])).entries()) part.restore(parts[i]!);
      this.#versions.set(version, metrics);
    }
  }

  #start(version: number): Version | null {
    if (this.#versions.size === this.#keep) {
      const oldest = Math.min(...this.#versions.keys());
      if (version < oldest) return null;
      this.#versions.delete(oldest);
    }
    const metrics = newVersion();
    this.#versions.set(version, metrics);
    return metrics;
  }
}

function newVersion(): Version {
  const figures = (): Figures => ({
    auc: new BinnedAuc(COARSE_BINS),
    logLoss: new LogLoss(),
    calibration: new Calibration(),
  });
  return { all: figures(), cold: figures(), warm: figures(), newItem: figures() };
}

function addTo({ auc, logLoss, calibration }: Figures, row: JudgedRow): void {
  auc.add(row.logit, row.label);
  logLoss.addLoss(row.loss, row.label);
  calibration.addProbability(row.probability, row.label);
}

function slicesOf({ all, cold, warm, newItem }: Version, row: VersionRow): Figures[] {
  const slices = [all, row.coldUser ? cold : warm];
  if (row.newItem) slices.push(newItem);
  return slices;
}

function partsOf({ auc, logLoss, calibration }: Figures): readonly Stateful[] {
  return [auc, logLoss, calibration];
}

function figuresOf({ auc, logLoss, calibration }: Figures): VersionFigures {
  return { ...auc.summary(), logLoss: logLoss.mean, ne: logLoss.normalizedEntropy, calibration: calibration.ratio };
}
