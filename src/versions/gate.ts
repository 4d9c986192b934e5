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

export type GateSummary = Readonly<Record<Domain, GateFigures>>;

/** Two-sided 95 %. */
const Z = 1.96;

/**
 * Why a version is not to be published; empty where it may be. `champion`: the figures of the version published last, null
 * before the first. A domain with too few rows is not judged, but the target must have enough.
 */
export function gateReasons(options: GateOptions, summary: GateSummary, champion: GateSummary | null): string[] {
  const { target } = summary;
  if (target.rows < options.minRows) return [`target: ${target.rows} judged rows, fewer than ${options.minRows}`];
  return DOMAINS.filter((domain) => summary[domain].rows >= options.minRows).flatMap((domain) =>
    domainReasons(options, summary[domain], champion?.[domain] ?? null).map((reason) => `${domain}: ${reason}`),
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
  if (maxAucDrop !== null && auc !== null && champion?.auc != null) {
    const error = Z * Math.hypot(aucSe ?? 0, champion.aucSe ?? 0);
    if (champion.auc - auc - error > maxAucDrop) {
      reasons.push(`AUC fell from ${short(champion.auc)} to ${short(auc)}, surely by more than ${maxAucDrop}`);
    }
  }
  return reasons;
}

function short(value: number): string {
  return value.toFixed(4);
}
