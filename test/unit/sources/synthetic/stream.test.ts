import { describe, expect, test } from 'vitest';
import { bayesAuc } from '../../../../src/evaluation/bayes.js';
import {
  createClickModel,
  recordHistories,
  recordTruth,
  SYNTHETIC_PRESETS,
  type SyntheticKnobs,
  type SyntheticTruth,
} from '../../../../src/sources/synthetic/index.js';

const SMALL: SyntheticKnobs = {
  ...SYNTHETIC_PRESETS.test,
  events: 20_000,
  users: 400,
  itemsT: 60,
  itemsS: 90,
};

function rowsWhere(truth: SyntheticTruth, keep: (row: number) => boolean): number[] {
  return Array.from({ length: truth.size }, (_, i) => i).filter(keep);
}

function probabilities(truth: SyntheticTruth, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (i) => truth.p[i]!);
}

/** AUC of scores against labels, all pairs by ranks. */
function auc(scores: Float64Array, labels: readonly number[]): { value: number; standardError: number } {
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    for (let i = start; i < end; i++) {
      if (labels[order[i]!] === 1) {
        positives++;
        rankSum += (start + end + 1) / 2;
      }
    }
    start = end;
  }
  const negatives = order.length - positives;
  const value = (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
  // Hanley and McNeil 1982
  const q1 = value / (2 - value);
  const q2 = (2 * value * value) / (1 + value);
  const variance =
    (value * (1 - value) + (positives - 1) * (q1 - value * value) + (negatives - 1) * (q2 - value * value)) /
    (positives * negatives);
  return { value, standardError: Math.sqrt(variance) };
}

describe('the generated stream, checks of algorithm reference E.2', () => {
  const variants: [string, SyntheticKnobs][] = [
    ['any history', SMALL],
    ['share of history', { ...SMALL, histMode: 'share' }],
    ['concept shift', { ...SMALL, conceptShiftDegrees: 60 }],
    ['sudden drift', { ...SMALL, drift: { kind: 'sudden', at: 0.5, share: 0.5 } }],
    ['gradual drift', { ...SMALL, drift: { kind: 'gradual', at: 0.3, until: 0.7, share: 0.5 } }],
    ['recurring drift', { ...SMALL, drift: { kind: 'recurring', period: 0.25, share: 0.5 } }],
    ['topic shift', { ...SMALL, topicShift: 1 }],
    ['low rates', { ...SMALL, ctrT: 0.015, ctrS: 0.08, sourceRatio: 5 }],
  ];

  test.each(variants)('%s: clicks agree with p, p is on its rate, no score beats p', (_, knobs) => {
    const truth = recordTruth(createClickModel(knobs, 11));
    for (const [code, ctr] of [
      [1, knobs.ctrT],
      [0, knobs.ctrS],
    ] as const) {
      const rows = rowsWhere(truth, (i) => truth.domain[i] === code);
      const p = probabilities(truth, rows);
      const labels = rows.map((i) => truth.clicked[i]!);
      const sum = p.reduce((a, b) => a + b, 0);
      const variance = p.reduce((a, b) => a + b * (1 - b), 0);
      const clicks = labels.reduce((a, b) => a + b, 0);
      expect(Math.abs(clicks - sum) / Math.sqrt(variance)).toBeLessThan(4);
      expect(Math.abs(sum / p.length / ctr - 1)).toBeLessThan(1e-3);

      const realised = auc(p, labels);
      expect(Math.abs(realised.value - bayesAuc(p)!)).toBeLessThan(4 * realised.standardError);
      // a score that knows less
      const hits = auc(
        Float64Array.from(rows, (i) => truth.hit[i]!),
        labels,
      );
      expect(hits.value).toBeLessThan(realised.value);
    }
  });

  test.each(Object.entries(SYNTHETIC_PRESETS))(
    'preset %s meets its rates and leaves something to learn',
    (_, knobs) => {
      const truth = recordTruth(createClickModel(knobs, 1));
      const rows = rowsWhere(truth, (i) => truth.domain[i] === 1);
      const p = probabilities(truth, rows);
      expect(rows.length / truth.size).toBeCloseTo(1 / (1 + knobs.sourceRatio), 2);
      expect(Math.abs(p.reduce((a, b) => a + b, 0) / p.length / knobs.ctrT - 1)).toBeLessThan(1e-3);
      expect(bayesAuc(p)).toBeGreaterThan(0.75);
      expect(truth.newConcept.includes(1)).toBe(knobs.drift !== null);
    },
  );

  test('times are distinct, increasing and spread over the hours', () => {
    const truth = recordTruth(createClickModel(SMALL, 5));
    const times = truth.eventTimeMs;
    for (let i = 1; i < times.length; i++) expect(times[i]! > times[i - 1]!).toBe(true);
    const spanMs = SMALL.hours * 3_600_000;
    const middle = (times[SMALL.events / 2]! - times[0]!) / spanMs;
    expect(middle).toBeGreaterThan(0.45);
    expect(middle).toBeLessThan(0.55);
    expect(times[SMALL.events - 1]! - times[0]!).toBeLessThan(spanMs);
  });

  test('a log as dense as one event a millisecond still has distinct times', () => {
    const knobs = { ...SMALL, events: 36_000, hours: 0.01 };
    const times = recordTruth(createClickModel(knobs, 3)).eventTimeMs;
    expect(new Set(times).size).toBe(36_000);
    expect(times[35_999]! - times[0]!).toBe(35_999);
  });

  test('cold users have no target row before coldFrom, and rows after it', () => {
    const truth = recordTruth(createClickModel(SMALL, 5));
    const coldUsers = new Set(rowsWhere(truth, (i) => truth.cold[i] === 1).map((i) => truth.user[i]!));
    const targetUsers = new Set(rowsWhere(truth, (i) => truth.domain[i] === 1).map((i) => truth.user[i]!));
    expect(targetUsers.size).toBe(SMALL.users * SMALL.targetUsers);
    expect(coldUsers.size).toBe(SMALL.users * SMALL.targetUsers * SMALL.coldShare);
    const early = rowsWhere(truth, (i) => truth.domain[i] === 1 && i < SMALL.coldFrom * truth.size);
    expect(early.some((i) => coldUsers.has(truth.user[i]!))).toBe(false);
    expect(rowsWhere(truth, (i) => truth.domain[i] === 0 && coldUsers.has(truth.user[i]!)).length).toBeGreaterThan(0);
  });

  test('history snapshots hold the last clicks before each row, and the hit flag reads them', () => {
    const model = createClickModel({ ...SMALL, histLen: 3 }, 8);
    const truth = recordTruth(model);
    const { items, capacity } = recordHistories(model);
    expect(capacity).toBe(3);
    const clicks = new Map<string, number[]>();
    const listOf = (user: number, domain: number) => clicks.get(`${user}/${domain}`) ?? [];
    for (let i = 0; i < truth.size; i++) {
      const user = truth.user[i]!;
      const domain = truth.domain[i] as 0 | 1;
      const topicOf = model.world.catalogues.map((c) => c.topicOf);
      let hit = false;
      for (const [place, code] of [1, 0].entries()) {
        const expected = listOf(user, code).slice(-3);
        const got = [...items.subarray((i * 2 + place) * 3, (i * 2 + place) * 3 + 3)].filter((x) => x >= 0);
        expect(got).toEqual(expected);
        hit ||= expected.some((item) => topicOf[code]![item] === topicOf[domain]![truth.item[i]!]);
      }
      expect(truth.hit[i]).toBe(hit ? 1 : 0);
      if (truth.clicked[i] === 1) clicks.set(`${user}/${domain}`, [...listOf(user, domain), truth.item[i]!]);
    }
  });

  test('regimes follow the drift', () => {
    const share = (knobs: SyntheticKnobs, from: number, to: number) => {
      const truth = recordTruth(createClickModel(knobs, 2));
      const rows = rowsWhere(truth, (i) => truth.domain[i] === 1 && i >= from * truth.size && i < to * truth.size);
      return rows.filter((i) => truth.newConcept[i] === 1).length / rows.length;
    };
    const sudden: SyntheticKnobs = { ...SMALL, drift: { kind: 'sudden', at: 0.6, share: 0.5 } };
    expect(share(sudden, 0, 0.6)).toBe(0);
    expect(share(sudden, 0.6, 1)).toBe(1);
    const gradual: SyntheticKnobs = { ...SMALL, drift: { kind: 'gradual', at: 0.2, until: 0.8, share: 0.5 } };
    expect(share(gradual, 0, 0.2)).toBe(0);
    expect(share(gradual, 0.4, 0.6)).toBeCloseTo(0.5, 1);
    expect(share(gradual, 0.8, 1)).toBe(1);
    const recurring: SyntheticKnobs = { ...SMALL, drift: { kind: 'recurring', period: 0.25, share: 0.5 } };
    expect([0, 0.25, 0.5, 0.75].map((x) => share(recurring, x, x + 0.25))).toEqual([0, 1, 0, 1]);
  });

  test('rates of a stream longer than the solver reads stay near', () => {
    const knobs = { ...SMALL, events: 900_000, users: 1200 };
    const truth = recordTruth(createClickModel(knobs, 4));
    const rows = rowsWhere(truth, (i) => truth.domain[i] === 1);
    const p = probabilities(truth, rows);
    expect(Math.abs(p.reduce((a, b) => a + b, 0) / p.length / knobs.ctrT - 1)).toBeLessThan(0.1);
  });

  test('streams of a few rows can be made too', () => {
    for (const events of [1, 2, 3, 10, 30, 100, 300, 1000, 4000]) {
      for (const seed of [1, 2, 3]) {
        expect(recordTruth(createClickModel({ ...SYNTHETIC_PRESETS.default, events }, seed)).size).toBe(events);
        expect(recordTruth(createClickModel({ ...SYNTHETIC_PRESETS.claim3, events }, seed)).size).toBe(events);
      }
    }
  });

  test('rates that no base rate can reach are refused', () => {
    // one user and one topic: after the first click of either domain every p is 1 in both
    const certain = { ...SMALL, users: 1, topics: 1, history: 60 };
    expect(() => createClickModel(certain, 1)).toThrow(/no base rates/);
  });

  test('impossible knobs are refused, all at once', () => {
    const make = () => createClickModel({ ...SMALL, events: 0, coldShare: 2, ctrT: 0 }, 1);
    expect(make).toThrow(/events must be .*coldShare must be .*ctrT must be/);
    expect(() => createClickModel({ ...SMALL, hours: 0.001 }, 1)).toThrow(/one a millisecond/);
  });

  test('the seed decides everything', () => {
    const a = recordTruth(createClickModel(SMALL, 1));
    expect(recordTruth(createClickModel(SMALL, 1))).toEqual(a);
    expect(recordTruth(createClickModel(SMALL, 2)).p).not.toEqual(a.p);
  });
});
