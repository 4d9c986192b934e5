import { resample } from '../experiments/resample.js';
import { Comparison, type Verdict } from './verdict.js';

interface FixtureRow {
  readonly id: number;
  readonly user: number;
  readonly day: number;
}

interface ResampleFixture {
  readonly order: readonly number[];
  readonly aTrain: number;
  readonly aCross: number;
  readonly ads: readonly FixtureRow[];
  readonly feeds: readonly FixtureRow[];
  readonly train: readonly number[];
  readonly valid: readonly number[];
  readonly test: readonly number[];
  readonly cold: readonly number[];
}

const DAY_MS = 86_400_000;

/** Algorithm 2: which rows are trained on, validated and tested, and who is cold. The fixture's rows know the day only. */
export function checkResample(file: string, content: unknown): Verdict {
  const fixture = content as ResampleFixture;
  const timed = (rows: readonly FixtureRow[]) => rows.map((row) => ({ ...row, timeMs: row.day * DAY_MS }));
  const result = resample(timed(fixture.ads), timed(fixture.feeds), fixture.order, {
    trainShare: fixture.aTrain,
    crossShare: fixture.aCross,
    sourceUsers: 'train',
  });
  const comparison = new Comparison();
  const same = (where: string, actual: readonly number[], expected: readonly number[]) =>
    comparison.numbers(where, sorted(actual), sorted(expected), () => 0);
  same('train', result.train, fixture.train);
  same('valid', result.valid, fixture.valid);
  same('test', result.test, fixture.test);
  same('cold', result.coldUsers, fixture.cold);
  return comparison.verdict(file, 'resample');
}

function sorted(ids: readonly number[]): number[] {
  return [...ids].sort((a, b) => a - b);
}
