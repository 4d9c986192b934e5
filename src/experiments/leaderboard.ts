import { type Contestant, contest, type Entrant } from '../../pipelines/contest.js';
import { type Config, parseConfig } from '../config/index.js';
import { bug, DOMAIN_CODE } from '../core/index.js';
import { aucDifference, ExactAuc, LogLoss, type ScoreTable } from '../evaluation/index.js';
import type { Entry } from './entries.js';
import { meanAndDeviation, type PairedMean, pairedMean, significanceGroups } from './standings.js';

export interface LeaderboardOptions {
  /** Configuration of the log to learn; null: a generated stream, as the overrides describe it. */
  readonly yaml: string | null;
  readonly fileName: string;
  readonly overrides: readonly string[];
  readonly baseDirectory: string;
  /** Seeds of the learner, and of the stream where it is synthetic. */
  readonly seeds: readonly number[];
  readonly entries: readonly Entry[];
  readonly stop: AbortSignal;
  readonly onProgress: (seed: number, events: number) => void;
}

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
  readonly standings: readonly Standing[];
  readonly seeds: readonly number[];
  readonly events: number;
  readonly targetRows: number;
  readonly seconds: number;
}

/** Target rows that are scored but not judged, as a share: everybody starts knowing nothing. */
const WARM_UP = 0.1;

/** All entries learn the same log in one pass a seed, each scored before it learns. */
export async function leaderboard(options: LeaderboardOptions): Promise<Leaderboard> {
  const { entries } = options;
  const results: SeedResult[] = [];
  for (const seed of options.seeds) {
    if (options.stop.aborted) break;
    results.push(await learnedBy(entries, seed, options));
  }
  return board(entries, results, options.seeds);
}

/** One seed: a pass for all, and one more for those whose linear part must do without the others' statistics. */
async function learnedBy(entries: readonly Entry[], seed: number, options: LeaderboardOptions): Promise<SeedResult> {
  const contestants = entries.map((entry): Contestant => ({ ...entry, config: configOf(entry, seed, options) }));
  const isApart = ({ config: { model } }: Contestant) => model.linear !== false && !model.statistics;
  const passes = [contestants.filter((one) => !isApart(one)), contestants.filter(isApart)];
  const found = new Map<string, { readonly scores: ScoreTable; readonly place: number; readonly entrant: Entrant }>();
  let events = 0;
  let seconds = 0;
  for (const pass of passes) {
    if (pass.length === 0) continue;
    const result = await contest(pass, {
      baseDirectory: options.baseDirectory,
      stop: options.stop,
      onProgress: (done) => options.onProgress(seed, done),
    });
    events = result.events;
    seconds += result.seconds;
    result.entrants.forEach((entrant, place) => {
      found.set(entrant.name, { scores: result.scores, place, entrant });
    });
  }
  const of = (name: string) => found.get(name) ?? bug(`${name} took no part`);
  const logits = (name: string, rows: Int32Array) => of(name).scores.logitsOf(of(name).place, rows);
  const entrants = entries.map(({ name }) => of(name).entrant);
  return { ...judged(of(entries[0]!.name).scores, logits, entries), events, seconds, entrants };
}

function configOf({ overrides }: Entry, seed: number, options: LeaderboardOptions): Config {
  const all = ['batching.size=32', ...options.overrides, ...overrides, `seed=${seed}`];
  const synthetic = options.yaml === null ? [`input.synthetic.seed=${seed}`, 'features.shared=[topic]'] : [];
  return parseConfig(options.yaml ?? '', options.fileName, { overrides: [...synthetic, ...all] });
}

interface SeedResult {
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

/** The events of all passes are the same, so are the rows of their scores. */
function judged(
  scores: ScoreTable,
  logits: (name: string, rows: Int32Array) => Float32Array,
  entries: readonly Entry[],
) {
  const target = scores.rows(DOMAIN_CODE.target);
  const rows = target.subarray(Math.floor(WARM_UP * target.length));
  const labels = scores.labelsOf(rows);
  const coldRows = scores.rows(DOMAIN_CODE.target, ({ cold }) => cold).filter((row) => row >= (rows[0] ?? 0));
  const coldLabels = scores.labelsOf(coldRows);
  return {
    targetRows: rows.length,
    auc: entries.map(({ name }) => aucOf(logits(name, rows), labels) ?? Number.NaN),
    cold: entries.map(({ name }) => aucOf(logits(name, coldRows), coldLabels)),
    logLoss: entries.map(({ name }) => logLossOf(logits(name, rows), labels)),
    gains: entries.map(({ name, of }) => {
      if (of === undefined || !entries.some((entry) => entry.name === of)) return null;
      const found = aucDifference(logits(of, rows), logits(name, rows), labels);
      return found === null ? null : ([found.low, found.high] as const);
    }),
  };
}

function aucOf(logits: Float32Array, labels: Uint8Array): number | null {
  const metric = new ExactAuc();
  for (let i = 0; i < labels.length; i++) metric.add(logits[i]!, labels[i] === 1 ? 1 : 0);
  return metric.auc;
}

function logLossOf(logits: Float32Array, labels: Uint8Array): number {
  const metric = new LogLoss();
  for (let i = 0; i < labels.length; i++) metric.add(logits[i]!, labels[i] === 1 ? 1 : 0);
  return metric.mean ?? Number.NaN;
}

function board(entries: readonly Entry[], results: readonly SeedResult[], seeds: readonly number[]): Leaderboard {
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
    standings: standings.toSorted((a, b) => b.mean - a.mean),
    seeds,
    events: total(({ events }) => events),
    targetRows: total(({ targetRows }) => targetRows),
    seconds: total(({ seconds }) => seconds),
  };
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
