/** What resampling needs to know of an event of either domain. */
export interface ResampledRow {
  readonly id: number;
  readonly user: number;
  /** Days count up; the last day of the ads is evaluated. */
  readonly day: number;
  readonly timeMs: number;
}

export interface ResampleOptions {
  /** A_train: share of the ads users whose rows are trained on. */
  readonly trainShare: number;
  /** A_cross: share of those whose last day is evaluated. */
  readonly crossShare: number;
  /**
   * Whose feeds rows are trained on: those of the train users (`train`, the algorithm's box), or also what the cold users
   * did before the last day (`all`, the paper's prose).
   */
  readonly sourceUsers: 'train' | 'all';
}

/** Row ids, ads before feeds, in the order given. */
export interface Resampled {
  readonly train: readonly number[];
  readonly valid: readonly number[];
  readonly test: readonly number[];
  /** Users none of whose ads rows are trained on. */
  readonly coldUsers: readonly number[];
}

/**
 * Algorithm 2 of the paper with the guards of algorithm A.9. `users`: the ads users, shuffled. Of train users everything
 * is trained on, except the last-day ads of the cross users; those, and the last-day ads of the cold users, are evaluated,
 * each user either in valid or in test. A feeds row later than an evaluated row of its user is left out.
 */
export function resample(
  ads: readonly ResampledRow[],
  feeds: readonly ResampledRow[],
  users: readonly number[],
  { trainShare, crossShare, sourceUsers }: ResampleOptions,
): Resampled {
  const trainCount = Math.floor(trainShare * users.length);
  const crossCount = Math.floor(crossShare * trainCount);
  const trainUsers = new Set(users.slice(0, trainCount));
  const cross = users.slice(0, crossCount);
  const cold = users.slice(trainCount);
  const validUsers = new Set([...firstHalf(cross), ...firstHalf(cold)]);
  const evaluatedUsers = new Set([...cross, ...cold]);
  const lastDay = ads.reduce((last, { day }) => Math.max(last, day), Number.NEGATIVE_INFINITY);

  const train: number[] = [];
  const valid: number[] = [];
  const test: number[] = [];
  const firstEvaluatedMs = new Map<number, number>();
  for (const { id, user, day, timeMs } of ads) {
    if (day === lastDay && evaluatedUsers.has(user)) {
      (validUsers.has(user) ? valid : test).push(id);
      firstEvaluatedMs.set(user, Math.min(timeMs, firstEvaluatedMs.get(user) ?? Number.POSITIVE_INFINITY));
    } else if (trainUsers.has(user)) {
      train.push(id);
    }
  }
  const coldUsers = new Set(cold);
  for (const { id, user, day, timeMs } of feeds) {
    const wanted = trainUsers.has(user) || (sourceUsers === 'all' && coldUsers.has(user) && day < lastDay);
    const futureOfEvaluated = timeMs > (firstEvaluatedMs.get(user) ?? Number.POSITIVE_INFINITY);
    if (wanted && !futureOfEvaluated) train.push(id);
  }
  return { train, valid, test, coldUsers: cold };
}

function firstHalf(users: readonly number[]): readonly number[] {
  return users.slice(0, Math.floor(users.length / 2));
}
