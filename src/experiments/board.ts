import { createHash } from 'node:crypto';
import { aucDifference, exactAuc, LogLoss } from '../evaluation/index.js';
import type { Entry } from './entries.js';
import { meanAndDeviation, type PairedMean, pairedMean, significanceGroups } from './standings.js';

export interface Standing {
  readonly name: string;
  readonly kind: 'model' | 'part';
  /** Target AUC after warm-up, by seed. */
  readonly auc: readonly number[];
  readonly mean: number;
  readonly deviation: number;
  readonly cold: number | null;
  readonly logLoss: number;
  readonly group: string;
  readonly denseParameters: number;
  readonly rows: number;
  /** AUC of DADIN against this one: (ours - base) / ours as the paper has it, and the usual (ours - base) / base. */
  readonly paperImprovement: number | null;
  readonly usualImprovement: number | null;
  /** What the part that this entry lacks brings: the whole less this, over seeds; and rows of the first seed (DeLong). */
  readonly partGain:
    | (PairedMean & { readonly of: string; readonly firstSeed: readonly [number, number] | null })
    | null;
  /** The same for users that are new to the target, over seeds that have such rows of both classes. */
  readonly coldGain: PairedMean | null;
}

export interface Leaderboard {
  /** How everybody learned and was judged, as a sentence. */
  readonly protocol: string;
  readonly standings: readonly Standing[];
  readonly seeds: readonly number[];
  readonly events: number;
  readonly targetRows: number;
  readonly seconds: number;
  /** SHA-256 of every seed's figures: who runs the command again on the same log finds the same. */
  readonly digest: string;
}

export interface SeedResult {
  readonly auc: readonly number[];
  readonly cold: readonly (number | null)[];
  readonly logLoss: readonly number[];
  /** DeLong's interval of the whole less the entry, by entry. */
  readonly gains: readonly (readonly [number, number] | null)[];
  readonly targetRows: number;
  readonly events: number;
  readonly seconds: number;
  readonly entrants: readonly { readonly denseParameters: number; readonly rows: number }[];
}

/** Rows that everybody is judged on, in one order. */
export interface JudgedRows {
  readonly labels: Uint8Array;
  /** 1: the user is new to the target. */
  readonly cold: Uint8Array;
  /** Of the entry of that name, [rows]. */
  readonly logitsOf: (name: string) => Float32Array;
}

/** The figures of one seed, of all entries on the same rows. */
export function judged(
  { labels, cold, logitsOf }: JudgedRows,
  entries: readonly Entry[],
): Pick<SeedResult, 'targetRows' | 'auc' | 'cold' | 'logLoss' | 'gains'> {
  const isCold = (_: number, i: number) => cold[i] === 1;
  const coldLabels = labels.filter(isCold);
  return {
    targetRows: labels.length,
    auc: entries.map(({ name }) => exactAuc(logitsOf(name), labels) ?? Number.NaN),
    cold: entries.map(({ name }) => exactAuc(logitsOf(name).filter(isCold), coldLabels)),
    logLoss: entries.map(({ name }) => logLossOf(logitsOf(name), labels)),
    gains: entries.map(({ name, of }) => {
      if (of === undefined || !entries.some((entry) => entry.name === of)) return null;
      const found = aucDifference(logitsOf(of), logitsOf(name), labels);
      return found === null ? null : ([found.low, found.high] as const);
    }),
  };
}

function logLossOf(logits: Float32Array, labels: Uint8Array): number {
  const metric = new LogLoss();
  for (let i = 0; i < labels.length; i++) metric.add(logits[i]!, labels[i] === 1 ? 1 : 0);
  return metric.mean ?? Number.NaN;
}

/** Standings over seeds, best first. `results`: by seed, one at least. */
export function board(
  protocol: string,
  entries: readonly Entry[],
  results: readonly SeedResult[],
  seeds: readonly number[],
): Leaderboard {
  const auc = entries.map((_, k) => results.map((result) => result.auc[k]!));
  const groups = significanceGroups(auc);
  const ours = entries.findIndex(({ name }) => name === 'dadin');
  const means = auc.map((values) => meanAndDeviation(values));
  const standings = entries.map(({ name, kind, of }, k): Standing => {
    const { mean, deviation } = means[k]!;
    const cold = results.map((result) => result.cold[k]).filter((value) => value !== null && value !== undefined);
    const whole = entries.findIndex((entry) => entry.name === of);
    const comparable = ours >= 0 && ours !== k && kind === 'model';
    return {
      name,
      kind,
      auc: auc[k]!,
      mean,
      deviation,
      cold: cold.length === 0 ? null : meanAndDeviation(cold).mean,
      logLoss: meanAndDeviation(results.map((result) => result.logLoss[k]!)).mean,
      group: groups[k]!,
      denseParameters: results[0]!.entrants[k]!.denseParameters,
      rows: meanAndDeviation(results.map(({ entrants }) => entrants[k]!.rows)).mean,
      paperImprovement: comparable ? (means[ours]!.mean - mean) / means[ours]!.mean : null,
      usualImprovement: comparable ? (means[ours]!.mean - mean) / mean : null,
      partGain:
        of === undefined || whole < 0
          ? null
          : { ...pairedMean(auc[whole]!, auc[k]!), of, firstSeed: results[0]!.gains[k] ?? null },
      coldGain: whole < 0 ? null : coldGain(results, whole, k),
    };
  });
  const total = (of: (result: SeedResult) => number) => results.reduce((sum, result) => sum + of(result), 0);
  return {
    protocol,
    standings: standings.toSorted((a, b) => b.mean - a.mean),
    seeds,
    events: total(({ events }) => events),
    targetRows: total(({ targetRows }) => targetRows),
    seconds: total(({ seconds }) => seconds),
    digest: digestOf(entries, results, seeds),
  };
}

function digestOf(entries: readonly Entry[], results: readonly SeedResult[], seeds: readonly number[]): string {
  const figures = results.map(({ events, targetRows, auc, cold, logLoss }) => ({
    events,
    targetRows,
    auc,
    cold,
    logLoss,
  }));
  const text = JSON.stringify({ seeds, entries: entries.map(({ name }) => name), figures });
  return createHash('sha256').update(text).digest('hex');
}

function coldGain(results: readonly SeedResult[], whole: number, k: number): PairedMean | null {
  const pairs = results
    .map(({ cold }) => [cold[whole] ?? null, cold[k] ?? null] as const)
    .filter((pair): pair is readonly [number, number] => pair[0] !== null && pair[1] !== null);
  if (pairs.length === 0) return null;
  return pairedMean(
    pairs.map(([first]) => first),
    pairs.map(([, second]) => second),
  );
}
