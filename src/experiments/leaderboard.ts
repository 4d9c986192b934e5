import { type Contestant, contest, type Entrant } from '../../pipelines/contest.js';
import { type Config, parseConfig } from '../config/index.js';
import { bug, DOMAIN_CODE } from '../core/index.js';
import type { ScoreTable } from '../evaluation/index.js';
import { board, judged, type Leaderboard, type SeedResult } from './board.js';
import type { Entry } from './entries.js';

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

/** Target rows that are scored but not judged, as a share: everybody starts knowing nothing. */
const WARM_UP = 0.1;

const PROTOCOL =
  'Every entry saw the same events in the same order, in one pass, scored before learned; the first tenth of the target rows is not judged.';

/** A seed that has begun is finished: half of one would be judged on other rows than the rest. */
const NEVER = new AbortController().signal;

/** All entries learn the same log in one pass a seed, each scored before it learns. `stop`: no further seed begins. */
export async function leaderboard(options: LeaderboardOptions): Promise<Leaderboard> {
  const { entries } = options;
  const results: SeedResult[] = [];
  for (const seed of options.seeds) {
    if (options.stop.aborted && results.length > 0) break;
    results.push(await learnedBy(entries, seed, options));
  }
  return board(PROTOCOL, entries, results, options.seeds.slice(0, results.length));
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
      stop: NEVER,
      onProgress: (done) => options.onProgress(seed, done),
    });
    events = result.events;
    seconds += result.seconds;
    result.entrants.forEach((entrant, place) => {
      found.set(entrant.name, { scores: result.scores, place, entrant });
    });
  }
  const of = (name: string) => found.get(name) ?? bug(`${name} took no part`);
  const entrants = entries.map(({ name }) => of(name).entrant);
  // the events of all passes are the same, so are the rows of their scores
  const { scores } = of(entries[0]!.name);
  const target = scores.rows(DOMAIN_CODE.target);
  const rows = target.subarray(Math.floor(WARM_UP * target.length));
  const coldRows = new Set(scores.rows(DOMAIN_CODE.target, ({ cold }) => cold));
  const judgedRows = {
    labels: scores.labelsOf(rows),
    cold: Uint8Array.from(rows, (row) => (coldRows.has(row) ? 1 : 0)),
    logitsOf: (name: string) => of(name).scores.logitsOf(of(name).place, rows),
  };
  return { ...judged(judgedRows, entries), events, seconds, entrants };
}

function configOf({ overrides }: Entry, seed: number, options: LeaderboardOptions): Config {
  const all = [
    'batching.size=32',
    ...options.overrides,
    ...overrides,
    'transfer.ledger=false',
    'transfer.switchOff=false',
    `seed=${seed}`,
  ];
  const synthetic = options.yaml === null ? [`input.synthetic.seed=${seed}`, 'features.shared=[topic]'] : [];
  return parseConfig(options.yaml ?? '', options.fileName, { overrides: [...synthetic, ...all] });
}
