import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mixer } from '../../src/batching/index.js';
import { decodeState, encodeState, RunningDigest } from '../../src/checkpoint/index.js';
import {
  domainOf,
  featureId,
  type Item,
  SeededRandom,
  SnapshotPool,
  type StateValue,
  type TrainingRow,
} from '../../src/core/index.js';
import {
  Adwin,
  BadDayWatch,
  Ddm,
  type DriftDetector,
  DriftMonitor,
  Evaluation,
  Kswin,
  PageHinkley,
  PublishedVersions,
} from '../../src/evaluation/index.js';
import { ItemCatalogue } from '../../src/features/index.js';
import { UserHistories } from '../../src/history/index.js';
import { LabelJoin, LabelLooks } from '../../src/join/index.js';
import { LinearFeatures, type LinearLearnerOptions, linearLearner } from '../../src/linear/index.js';
import { AdversaryGovernor } from '../../src/model/governor.js';
import { ClassThreshold } from '../../src/model/threshold.js';
import { DuplicateFilter, PositionLedger } from '../../src/ordering/index.js';
import {
  EmbeddingTable,
  type EmbeddingTableOptions,
  type EmbeddingTableState,
  FlatAdam,
  type FlatAdamState,
} from '../../src/parameters/index.js';
import { ClickStatistics, STATISTICS_COLUMNS } from '../../src/statistics/index.js';
import { SMALL_MODEL } from '../unit/model/options.js';
import { ADAGRAD, ADAM, tableOptions } from '../unit/parameters/table-options.js';
import { impression } from '../unit/pipelines/small-fold.js';
import { sample } from '../unit/sample.js';

/** A part of the fold, fed with inputs that follow from their number and a seed alone. */
interface Part {
  /** Takes the k-th input; returns whatever the part says to it. */
  step(k: number, random: SeededRandom): unknown;
  snapshot(): StateValue;
  restore(state: StateValue): void;
}

const PARTS: Readonly<Record<string, () => Part>> = {
  SeededRandom() {
    const part = new SeededRandom(7, 'conformance');
    return { step: () => [part.nextUint32(), part.normal(), part.below(10)], ...plain(part) };
  },

  DuplicateFilter() {
    const part = new DuplicateFilter(40);
    return { step: (k, random) => [part.isNew(`e${random.below(60)}`, k * 3), part.dropped], ...plain(part) };
  },

  PositionLedger() {
    const part = new PositionLedger();
    const bind = (): void => part.bind([{ name: 'ads' }, { name: 'news', start: 7n }]);
    bind();
    return {
      // pairs of neighbours change places, so that positions are folded out of turn
      step(k, random) {
        const position = BigInt(k - (k % 4) + ((k % 4) ^ 1));
        part.done(0, position, random.below(1000));
        part.done(1, BigInt(7 + 2 * k), k);
        part.skip(1, BigInt(8 + 2 * k), BigInt(9 + 2 * k));
        return [part.next(), part.starts(), part.positions()];
      },
      snapshot: () => part.snapshot(),
      restore(state) {
        part.restore(state);
        bind();
      },
    };
  },

  ItemCatalogue() {
    const part = new ItemCatalogue(12, 3);
    return {
      step(k, random) {
        part.advance(k >> 1);
        const id = random.below(20);
        // features change now and then: a new entry
        const item = part.entry(random.below(2), `i${id}`, [id + 1, 100 + random.below(2)]);
        part.addImpression(item);
        return [item.serial, item.impressions, part.isNew(item), part.size, part.evicted];
      },
      ...pooled(part),
    };
  },

  UserHistories() {
    const part = new UserHistories({ length: 3, maxAgeMs: 50, maxUsers: 6, coldImpressions: 2 });
    return {
      step(k, random) {
        const nowMs = (k >> 1) * 5;
        part.advance(nowMs);
        const user = `u${random.below(9)}`;
        const domain = random.below(2);
        part.addImpression(user, domain);
        if (random.below(2) === 0) part.addClick(user, numberedItem(k, domain), nowMs);
        const { target, source, isCold } = part.read(user);
        const serials = [target, source].map((items) => items.map((item) => item.serial));
        return [serials, isCold, part.users, part.evictedUsers];
      },
      ...pooled(part),
    };
  },

  LabelJoin() {
    const part = new LabelJoin({ attributionWindowMs: 100, maxPending: 8 });
    return {
      step(k, random) {
        const nowMs = k * 10;
        const matured: [number, number][] = [];
        part.advance(nowMs, (s) => matured.push([s.sequence, s.label]));
        const id = `i${k - random.below(26) + 4}`;
        const late: number[] = [];
        const clicked = part.addClick(1, id, nowMs, (s) => late.push(s.sequence));
        const givenUp: number[] = [];
        const shown = sample(k, { impressionId: `i${k}`, eventTimeMs: nowMs, item: numberedItem(k, 1) });
        const early = part.addImpression(shown, (lost) => givenUp.push(lost.sequence));
        const counts = [part.pending, part.provisional, part.lateClicks, part.orphanClicks, part.givenUp];
        return [matured, clicked?.sequence, late, early, givenUp, counts];
      },
      ...pooled(part),
    };
  },

  LabelLooks() {
    const part = new LabelLooks({ firstLookAtMs: (atMs) => atMs + 20, attributionWindowMs: 60, maxPending: 10 });
    return {
      step(k, random) {
        const nowMs = k * 10;
        const told: unknown[] = [];
        part.advance(
          nowMs,
          (shown, label) => told.push(['look', shown.sequence, label]),
          (shown, seen) => told.push(['outcome', shown.sequence, seen, shown.label]),
        );
        for (let n = random.below(4); n > 0; n--) {
          part.add(sample(k, { eventTimeMs: nowMs, item: numberedItem(k, 1), label: random.below(3) - 1 }));
        }
        return [told, part.pending, part.leftOut];
      },
      ...pooled(part),
    };
  },

  Mixer() {
    const part = new Mixer({
      size: 8,
      replayShare: 0.5,
      maxReplays: 2,
      recencyRows: 6,
      reservoirRows: 10,
      minTargetShare: 0.4,
      maxBatchDelayMs: 30,
      seed: 3,
    });
    return {
      step(k, random) {
        const domain = random.below(3) === 0 ? 1 : 0;
        const nowMs = k * 10 + random.below(40);
        const overdue = part.isOverdue(nowMs);
        const item = numberedItem(k, domain);
        const label = +(random.below(20) === 0);
        const shown = sample(k, { domain, item, label, logit: random.normal() });
        part.add({ sample: shown, label, weight: random.next() }, nowMs);
        if (random.below(3) > 0) part.addReplayable(shown);
        const rows: readonly TrainingRow[] = overdue || part.isFull ? part.take() : [];
        return [overdue, part.waiting, rows.map((r) => [r.label, r.weight, r.sample.sequence, r.sample.replays])];
      },
      ...pooled(part),
    };
  },

  Evaluation() {
    const part = new Evaluation({ bins: 64, window: { minPositives: 3, spanMs: 50, maxRows: 20 } });
    return {
      step(k, random) {
        part.update(domainOf(random.below(2)), scoredRow(k, random));
        return [part.summary(), part.rollingAuc('target'), part.rollingAuc('source')];
      },
      ...plain(part),
    };
  },

  PublishedVersions() {
    const part = new PublishedVersions();
    return {
      step(k, random) {
        if (k % 16 === 0) part.published(k, k);
        part.add(domainOf(random.below(2)), scoredRow(k, random), k - random.below(20));
        return part.summary();
      },
      ...plain(part),
    };
  },

  BadDayWatch() {
    const part = new BadDayWatch();
    return {
      step(k, random) {
        const event = impression({
          eventId: `e${k}`,
          itemFeatures: [{ name: 'kind', values: [`${random.below(9)}`] }],
        });
        part.shown(event, sample(k), `ads/${random.below(2)}`, BigInt(k));
        // labels come out of turn, some never, one of an impression that nobody saw
        const label = random.below(2);
        part.judged(sample(k - random.below(4), { label, logit: random.normal() }));
        if (k % 5 === 0) part.forget(sample(k - 3));
        return part.cards;
      },
      ...plain(part),
    };
  },

  'DriftMonitor with ADWIN': () => drift(new Adwin(0.3)),
  'DriftMonitor with DDM': () => drift(new Ddm()),
  'DriftMonitor with KSWIN': () => drift(new Kswin({ windowSize: 30, recentSize: 10, alpha: 0.05, seed: 1 })),
  'DriftMonitor with Page and Hinkley': () =>
    drift(new PageHinkley({ delta: 0.005, threshold: 1, alpha: 0.99, minValues: 10 })),

  RunningDigest() {
    const part = new RunningDigest();
    return {
      step: (k, random) => part.add(Float64Array.of(k, random.next()), Float32Array.of(random.next())),
      ...plain(part),
    };
  },

  AdversaryGovernor() {
    const part = new AdversaryGovernor({
      ...SMALL_MODEL,
      adversary: { mode: 'governed', strength: 1, kappa: 1.2, rampSteps: 20 },
    });
    return {
      step(_, random) {
        const none = new Float64Array(0);
        const losses = {
          ...{ domain: random.next(), class1: random.next(), class0: random.next() },
          ...{ logits: none, dProducts: none, dBiases: none },
        };
        part.observe(random.next(), random.below(5) === 0 ? null : losses);
        return [part.strength(), part.confusedLoss()];
      },
      ...plain(part),
    };
  },

  ClassThreshold() {
    const part = new ClassThreshold({ mode: 'prior', value: 0.5 });
    return {
      step(_, random) {
        part.observe([random.below(2), random.below(2), 0], [1, 0.5, 2]);
        return [part.labelRate, part.of(Float64Array.of(random.normal()))];
      },
      ...plain(part),
    };
  },

  'EmbeddingTable with Adam': () => table({ optimizer: ADAM, maxRows: 24 }),
  'EmbeddingTable with AdaGrad, admission and expiry': () =>
    table({
      optimizer: ADAGRAD,
      maxRows: 40,
      admitAfter: { user: 2, itemTarget: 1, itemSource: 3, shared: 1 },
      ttlMs: { user: 60, itemTarget: null, itemSource: 200, shared: null },
    }),

  FlatAdam() {
    const part = new FlatAdam(5, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
    let weights = Float32Array.of(1, 2, 3, 4, 5);
    return {
      step(k, random) {
        const gradient = Float32Array.from({ length: 5 }, () => random.normal());
        part.step(weights, gradient, k % 2 === 0 ? 0.05 : 0.01);
        return [...weights];
      },
      snapshot: () => ({ adam: part.snapshot() as unknown as StateValue, weights: weights.slice() }),
      restore(state) {
        const s = state as unknown as { adam: FlatAdamState; weights: Float32Array<ArrayBuffer> };
        part.restore(s.adam);
        weights = s.weights.slice();
      },
    };
  },

  'linear part, adaptive': () => linear({ kind: 'adaptive', bits: 6, learningRate: 0.5, priorSquares: 1 }),
  'linear part, FTRL': () => linear({ kind: 'ftrl', bits: 6, alpha: 0.1, beta: 1, l1: 0.1, l2: 0.1 }),

  ClickStatistics() {
    const part = new ClickStatistics({ maxKeys: 64, halfLifeMs: 100 });
    const columns = new Float32Array(STATISTICS_COLUMNS.length);
    return {
      step(k, random) {
        part.advance((k >> 1) * 10);
        const domain = random.below(2);
        const users = [featureId(0, 1 + random.below(9)), featureId(0, 100)];
        const items = [featureId(1, 1 + random.below(9)), featureId(3, 1 + random.below(3))];
        part.read(domain, users, items, columns, 0);
        part.update(domain, users, items, random.below(2) === 1);
        return [[...columns], part.keys, part.evicted];
      },
      ...plain(part),
    };
  },
};

describe.each(Object.entries(PARTS))('%s', (_, create) => {
  it('goes on from a snapshot to the bit as the one it was taken from', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 150 }), fc.integer({ min: 1, max: 80 }), (seed, before, after) => {
        const first = create();
        steps(first, seed, 0, before);
        const bytes = encodeState(first.snapshot());
        const second = create();
        // what a part held before has no say in what it holds after a restore
        steps(second, seed + 1, 0, before % 7);
        second.restore(decodeState(bytes));
        expect(encodeState(second.snapshot()).equals(bytes)).toBe(true);
        expect(steps(second, seed, before, after)).toEqual(steps(first, seed, before, after));
        expect(encodeState(second.snapshot()).equals(encodeState(first.snapshot()))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('copies: a snapshot stays what it was when the part goes on', () => {
    const part = create();
    steps(part, 1, 0, 120);
    const snapshot = part.snapshot();
    const bytes = encodeState(snapshot);
    steps(part, 1, 120, 50);
    expect(encodeState(part.snapshot()).equals(bytes)).toBe(false);
    expect(encodeState(snapshot).equals(bytes)).toBe(true);
  });
});

function steps(part: Part, seed: number, from: number, count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => part.step(from + i, new SeededRandom(seed, `input ${from + i}`)));
}

function plain(part: { snapshot(): StateValue; restore(state: StateValue): void }): Pick<Part, 'snapshot' | 'restore'> {
  return { snapshot: () => part.snapshot(), restore: (state) => part.restore(state) };
}

function pooled(part: {
  snapshot(pool: SnapshotPool): StateValue;
  restore(state: StateValue, pool: SnapshotPool): void;
}): Pick<Part, 'snapshot' | 'restore'> {
  return {
    snapshot() {
      const pool = new SnapshotPool();
      const state = part.snapshot(pool);
      return { state, pool: pool.encode() };
    },
    restore(value) {
      const { state, pool } = value as { state: StateValue; pool: StateValue };
      part.restore(state, SnapshotPool.decode(pool));
    },
  };
}

function numberedItem(serial: number, domain: number): Item {
  return {
    serial,
    domain,
    featureIds: Float64Array.of(serial + 1),
    impressions: serial,
    batchStamp: -1,
    batchSlot: -1,
  };
}

function scoredRow(k: number, random: SeededRandom) {
  return {
    logit: random.normal(),
    label: random.below(2) === 1 ? (1 as const) : (0 as const),
    eventTimeMs: k * 4,
    coldUser: random.below(2) === 1,
    newItem: random.below(2) === 1,
    userId: `u${random.below(5)}`,
  };
}

function drift(detector: DriftDetector): Part {
  const part = new DriftMonitor(detector, 5);
  return {
    step(k, random) {
      const label = random.below(2) === 1 ? 1 : 0;
      // right for a while, then wrong for a while
      const logit = (label === 1 ? 3 : -3) * ((k >> 6) % 2 === 0 ? 1 : -1) + random.normal();
      return [part.update(logit, label, k), part.summary()];
    },
    ...plain(part),
  };
}

function table(changes: Partial<EmbeddingTableOptions>): Part {
  const part = new EmbeddingTable(tableOptions(changes));
  return {
    step(k, random) {
      const nowMs = k * 10;
      const freed = part.sweep(nowMs);
      const ids = new Set(Array.from({ length: 4 }, () => featureId(random.below(4), 1 + random.below(12))));
      const rows = Int32Array.from(ids, (id) => part.admit(id, nowMs));
      const gradients = Float32Array.from({ length: rows.length * 2 }, () => random.normal());
      part.apply(rows, gradients, 0.1, nowMs);
      const values = new Float32Array(rows.length * 2);
      part.read(rows, values);
      return [freed, [...rows], [...values], part.size, part.evicted, part.liveRows()];
    },
    snapshot: () => part.snapshot() as unknown as StateValue,
    restore: (state) => part.restore(state as unknown as EmbeddingTableState),
  };
}

function linear(options: LinearLearnerOptions): Part {
  const part = linearLearner(options);
  const features = new LinearFeatures();
  return {
    step(_, random) {
      features.clear();
      for (let i = 0; i < 4; i++) features.push(random.nextUint32(), random.normal());
      const before = part.predict(features);
      return [before, part.learn(features, random.below(2), 1), part.predict(features)];
    },
    ...plain(part),
  };
}
