import { DOMAINS, type Domain } from '../core/index.js';

/** What a version must show before it is published; null leaves a check out. */
export interface GateOptions {
  /** Judged target rows in the rolling window. */
  readonly minRows: number;
  /** No AUC surely below this. */
  readonly minAuc: number | null;
  /** No normalised entropy above this; 1 is the click rate alone. */
  readonly maxNe: number | null;
  /** Predicted clicks over observed ones, or the inverse, surely no further from 1 than this factor. */
  readonly maxMiscalibration: number | null;
  /** No AUC surely further below that of the version published last. */
  readonly maxAucDrop: number | null;
  /** No click rate since a version was due last that is surely further, by this factor, from that of the version published last. */
  readonly maxRateShift: number | null;
}

/** Prequential figures of one domain's rolling window. Null where a class is missing. */
interface GateFigures {
  readonly rows: number;
  readonly positives: number;
  readonly auc: number | null;
  readonly aucSe: number | null;
  readonly ne: number | null;
  readonly calibration: number | null;
}

/** Of the rows of one domain judged since a version was due last. */
interface FreshFigures {
  readonly positives: number;
  readonly rows: number;
  /** Sum of the predicted probabilities. */
  readonly predicted: number;
  readonly auc: number | null;
  readonly aucSe: number | null;
  /** The newest rows of all: a fault that has just begun fills them first. */
  readonly newest: { readonly rows: number; readonly positives: number };
}

export type FreshSummary = Readonly<Record<Domain, FreshFigures>>;

export type GateSummary = Readonly<Record<Domain, GateFigures>>;

/** Two-sided 95 %. */
const Z = 1.96;

/**
 * Why a version is not to be published; empty where it may be. `champion`: the figures of the version published last, null
 * before the first. A domain with too few rows is not judged, but the target must have enough. `fresh` shows a fault before the
 * rolling window is full of it.
 */
export function gateReasons(
  options: GateOptions,
  summary: GateSummary,
  fresh: FreshSummary,
  champion: GateSummary | null,
): string[] {
  const { target } = summary;
  if (target.rows < options.minRows) return [`target: ${target.rows} judged rows, fewer than ${options.minRows}`];
  return DOMAINS.filter((domain) => summary[domain].rows >= options.minRows).flatMap((domain) =>
    [
      ...domainReasons(options, summary[domain], champion?.[domain] ?? null),
      ...freshReasons(options, fresh[domain], champion?.[domain] ?? null),
    ].map((reason) => `${domain}: ${reason}`),
  );
}

function domainReasons(options: GateOptions, figures: GateFigures, champion: GateFigures | null): string[] {
  const { minAuc, maxNe, maxMiscalibration, maxAucDrop } = options;
  const { auc, aucSe, ne, calibration, positives } = figures;
  const reasons: string[] = [];
  if (auc === null) reasons.push('all labels are of one class');
  if (minAuc !== null && auc !== null && auc + Z * (aucSe ?? 0) < minAuc) {
    reasons.push(`AUC ${short(auc)} is surely below ${minAuc}`);
  }
  if (maxNe !== null && ne !== null && ne > maxNe) reasons.push(`normalised entropy ${short(ne)} is above ${maxNe}`);
  if (maxMiscalibration !== null && calibration !== null && positives > 0) {
    const off = Math.abs(Math.log(calibration)) - Z / Math.sqrt(positives);
    if (off > Math.log(maxMiscalibration)) {
      reasons.push(
        `predicted over observed clicks is ${short(calibration)}, further from 1 than ${maxMiscalibration}-fold`,
      );
    }
  }
  const fall = sureFall(champion, figures, maxAucDrop);
  if (fall !== null) {
    reasons.push(`AUC fell from ${short(fall.before)} to ${short(fall.now)}, surely by more than ${maxAucDrop}`);
  }
  return reasons;
}

/** Rows of either class without which an AUC's error is no guide. */
const MIN_OF_CLASS = 20;

function freshReasons(
  { maxMiscalibration, maxAucDrop, maxRateShift }: GateOptions,
  fresh: FreshFigures,
  champion: GateFigures | null,
): string[] {
  const { rows, positives, predicted } = fresh;
  const reasons: string[] = [];
  if (maxMiscalibration !== null && isSurelyOff(predicted, positives, maxMiscalibration)) {
    reasons.push(`${positives} clicks since a version was due last, ${predicted.toFixed(1)} predicted`);
  }
  if (maxRateShift !== null && champion !== null && champion.rows > 0) {
    // a learner adapts to labels that stand still or on their heads before its predictions look wrong
    const rate = champion.positives / champion.rows;
    const shifted = [fresh.newest, fresh].find((part) => isSurelyOff(rate * part.rows, part.positives, maxRateShift));
    if (shifted !== undefined) {
      const before = (rate * shifted.rows).toFixed(1);
      reasons.push(`${shifted.positives} clicks in the newest ${shifted.rows} rows, ${before} at the rate before`);
    }
  }
  const enough = Math.min(positives, rows - positives) >= MIN_OF_CLASS;
  const fall = enough ? sureFall(champion, fresh, maxAucDrop) : null;
  if (fall !== null) {
    reasons.push(
      `AUC since a version was due last is ${short(fall.now)}, ${short(fall.before)} when one was published`,
    );
  }
  return reasons;
}

type Auc = Pick<GateFigures, 'auc' | 'aucSe'>;

/** Both AUCs where the one now is lower by more than `most`, beyond what their errors explain. */
function sureFall(before: Auc | null, now: Auc, most: number | null): { before: number; now: number } | null {
  if (most === null || now.auc === null || before === null || before.auc === null) return null;
  const error = Z * Math.hypot(now.aucSe ?? 0, before.aucSe ?? 0);
  return before.auc - now.auc - error > most ? { before: before.auc, now: now.auc } : null;
}

/** Whether a count is surely (95 %, Poisson, variance-stabilised) more than `factor` times what was expected, or less than one such part. */
function isSurelyOff(expected: number, count: number, factor: number): boolean {
  const fewest = Math.max(0, Math.sqrt(count) - Z / 2) ** 2;
  const most = (Math.sqrt(count + 1) + Z / 2) ** 2;
  return expected > most * factor || expected * factor < fewest;
}

function short(value: number): string {
  return value.toFixed(4);
}
