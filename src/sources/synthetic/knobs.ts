import { DadinError } from '../../core/index.js';

/** When the target's concept changes; `x` is the fraction of the stream. A share of its topics flips its taste vector. */
export type Drift =
  /** new concept from `at` on */
  | { readonly kind: 'sudden'; readonly at: number; readonly share: number }
  /** P(new concept) climbs from 0 at `at` to 1 at `until` */
  | { readonly kind: 'gradual'; readonly at: number; readonly until: number; readonly share: number }
  /** old and new concept take turns, each for `period` */
  | { readonly kind: 'recurring'; readonly period: number; readonly share: number };

/** Knobs of the generative model (algorithm reference E.1). Shares and stream positions are fractions. */
export interface SyntheticKnobs {
  /** impressions of both domains together */
  readonly events: number;
  readonly users: number;
  readonly ages: number;
  readonly cities: number;
  /** k, length of taste and topic vectors */
  readonly latent: number;
  /** s, how much of a user's taste follows from age and city */
  readonly profileShare: number;
  readonly topics: number;
  /** angle between the two domains' topic vectors */
  readonly conceptShiftDegrees: number;
  readonly itemsT: number;
  readonly itemsS: number;
  /** exposure falls as rank^-zipf */
  readonly zipf: number;
  /** covariate shift: the two domains show topics with opposite preferences */
  readonly topicShift: number;
  /** share of users that see target impressions at all */
  readonly targetUsers: number;
  /** share of those that see the first only after `coldFrom` */
  readonly coldShare: number;
  readonly coldFrom: number;
  /** source impressions per target impression */
  readonly sourceRatio: number;
  readonly hours: number;
  /** weight of the history feature in the click's logit */
  readonly history: number;
  /** M, clicks kept a user and domain */
  readonly histLen: number;
  /** `any`: 1 if a kept click of either domain has the candidate's topic; `share`: their fraction */
  readonly histMode: 'any' | 'share';
  readonly taste: number;
  readonly quality: number;
  /** mean click probability of the target, of the source */
  readonly ctrT: number;
  readonly ctrS: number;
  readonly drift: Drift | null;
}

const BASE: SyntheticKnobs = {
  events: 100_000,
  users: 2000,
  ages: 5,
  cities: 10,
  latent: 6,
  profileShare: 0.3,
  topics: 12,
  conceptShiftDegrees: 0,
  itemsT: 200,
  itemsS: 400,
  zipf: 0.6,
  topicShift: 0,
  targetUsers: 0.6,
  coldShare: 0.3,
  coldFrom: 0.6,
  sourceRatio: 4,
  hours: 48,
  history: 2,
  histLen: 10,
  histMode: 'any',
  taste: 1,
  quality: 0.3,
  ctrT: 0.1,
  ctrS: 0.2,
  drift: null,
};

/**
 * Ready streams. `test` has E.1's defaults; `huawei` its low rates; `claim1` .. `claim6` are the streams on which the
 * algorithm reference measured (E.3): history, cold users, approach to the Bayes ceiling, drift, covariate shift.
 */
export const SYNTHETIC_PRESETS = {
  default: { ...BASE, events: 200_000, users: 1500, topics: 16, history: 3, taste: 0.5, quality: 0.6 },
  test: BASE,
  huawei: { ...BASE, events: 200_000, ctrT: 0.015, ctrS: 0.08, sourceRatio: 5 },
  claim1: { ...BASE, users: 1500, topics: 20, history: 3, taste: 0.3, quality: 0.6 },
  claim2: { ...BASE, history: 2, taste: 0.8, quality: 0.4 },
  claim3: {
    ...BASE,
    events: 150_000,
    users: 300,
    itemsT: 50,
    itemsS: 80,
    topics: 8,
    taste: 0,
    history: 3,
    quality: 0.8,
  },
  claim4: {
    ...BASE,
    events: 120_000,
    sourceRatio: 2,
    history: 1,
    taste: 1.2,
    profileShare: 0.9,
    drift: { kind: 'sudden', at: 0.6, share: 0.5 },
  },
  claim6: { ...BASE, events: 60_000, history: 2.5, taste: 0.5, topicShift: 1 },
} as const satisfies Record<string, SyntheticKnobs>;

export type SyntheticPreset = keyof typeof SYNTHETIC_PRESETS;

/** First stream time, 2026-01-01T00:00:00Z. */
export const STREAM_START_MS = 1_767_225_600_000;

const COUNTS = ['events', 'users', 'ages', 'cities', 'latent', 'topics', 'itemsT', 'itemsS', 'histLen'] as const;
const SHARES = ['profileShare', 'targetUsers', 'coldShare', 'coldFrom'] as const;
const RATES = ['ctrT', 'ctrS'] as const;

/** Refuses knobs that describe no stream. Throws DADIN_CONFIG_INVALID naming every bad one. */
export function checkKnobs(knobs: SyntheticKnobs): void {
  const bad: string[] = [];
  for (const k of COUNTS)
    if (!(Number.isInteger(knobs[k]) && knobs[k] >= 1)) bad.push(`${k} must be a whole number >= 1`);
  for (const k of SHARES) if (!(knobs[k] >= 0 && knobs[k] <= 1)) bad.push(`${k} must be in [0, 1]`);
  for (const k of RATES) if (!(knobs[k] > 0 && knobs[k] < 1)) bad.push(`${k} must be in (0, 1)`);
  if (!(knobs.sourceRatio >= 0)) bad.push('sourceRatio must be >= 0');
  if (knobs.drift?.kind === 'gradual' && !(knobs.drift.at < knobs.drift.until))
    bad.push('drift.until must be after drift.at');
  if (knobs.drift?.kind === 'recurring' && !(knobs.drift.period > 0)) bad.push('drift.period must be above 0');
  if (knobs.histLen > 30_000) bad.push('histLen must be at most 30000');
  // times are distinct milliseconds
  if (!(knobs.events <= knobs.hours * 3_600_000)) bad.push('events must not exceed one a millisecond of hours');
  if (knobs.events > 999_999_999) bad.push('events must be below 10^9');
  if (bad.length > 0) {
    throw new DadinError('DADIN_CONFIG_INVALID', `the synthetic stream cannot be made: ${bad.join('; ')}`, {
      step: 'synthetic',
      expected: 'the knobs of docs/configuration.md, input.synthetic',
    });
  }
}
