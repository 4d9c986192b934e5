import { DadinError, DOMAIN_CODE, type Sample, SeededRandom } from '../core/index.js';
import { type ResampledRow, type ResampleOptions, resample } from './resample.js';

const DAY_MS = 86_400_000;

/** A log cut by algorithm 2, or by time. */
export interface OfflineSplit {
  /** Of both domains. */
  readonly train: readonly Sample[];
  /** Of the target. */
  readonly valid: readonly Sample[];
  readonly test: readonly Sample[];
  /** Users without target rows in train. */
  readonly coldUsers: ReadonlySet<string>;
}

/**
 * Algorithm 2 of the paper over the rows of a log: another `seed`, another shuffle of the users. A day is one of UTC. Rows
 * of cold users show no clicks of the target domain, not even of the rows that the algorithm drops.
 *
 * @throws DadinError DADIN_USAGE where a part has no rows of one of the classes
 */
export function resampledSplit(samples: readonly Sample[], seed: number, options: ResampleOptions): OfflineSplit {
  const numbers = new Map<string, number>();
  const users: number[] = [];
  const ads: ResampledRow[] = [];
  const feeds: ResampledRow[] = [];
  for (const [id, { userId, eventTimeMs, domain }] of samples.entries()) {
    const user = numbers.get(userId) ?? numbers.size;
    numbers.set(userId, user);
    const row = { id, user, day: Math.floor(eventTimeMs / DAY_MS), timeMs: eventTimeMs };
    if (domain === DOMAIN_CODE.target) ads.push(row);
    else feeds.push(row);
  }
  for (const { user } of ads) if (users[user] === undefined) users[user] = user;
  const shuffled = shuffle(Object.values(users), new SeededRandom(seed, 'offline.users'));
  const cut = resample(ads, feeds, shuffled, options);
  const cold = new Set(cut.coldUsers);
  const coldUsers = new Set([...numbers].filter(([, user]) => cold.has(user)).map(([name]) => name));
  const of = (ids: readonly number[]) => ids.map((id) => asKnown(samples[id]!, coldUsers));
  return checked({ train: of(cut.train), valid: of(cut.valid), test: of(cut.test), coldUsers });
}

/** The first of the target's rows by time train, the next choose the epoch, the last are the test; source rows before it. */
export function splitByTime(samples: readonly Sample[], shares: readonly [train: number, valid: number]): OfflineSplit {
  const target = samples.filter(({ domain }) => domain === DOMAIN_CODE.target);
  const [trainEnd, validEnd] = [shares[0] * target.length, (shares[0] + shares[1]) * target.length].map(Math.round);
  const validFrom = target[trainEnd!];
  const train = validFrom === undefined ? samples : samples.filter(({ sequence }) => sequence < validFrom.sequence);
  const known = new Set(train.filter(({ domain }) => domain === DOMAIN_CODE.target).map(({ userId }) => userId));
  const coldUsers = new Set(target.map(({ userId }) => userId).filter((user) => !known.has(user)));
  return checked({ train, valid: target.slice(trainEnd, validEnd), test: target.slice(validEnd), coldUsers });
}

export function shuffle<V>(values: readonly V[], random: SeededRandom): V[] {
  const shuffled = [...values];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled;
}

function asKnown(sample: Sample, coldUsers: ReadonlySet<string>): Sample {
  return coldUsers.has(sample.userId) ? { ...sample, historyTarget: [] } : sample;
}

function checked(split: OfflineSplit): OfflineSplit {
  for (const part of ['train', 'valid', 'test'] as const) {
    const target = split[part].filter(({ domain }) => domain === DOMAIN_CODE.target);
    const clicks = target.filter(({ label }) => label === 1).length;
    if (clicks > 0 && clicks < target.length) continue;
    throw new DadinError('DADIN_USAGE', `the split leaves too little of the target domain in ${part}`, {
      step: 'split',
      got: `${target.length} target rows, ${clicks} of them clicked`,
      expected: 'clicked and unclicked rows in train, valid and test',
      remedy: 'a longer log: algorithm 2 evaluates its last day and trains on the days before',
    });
  }
  return split;
}
