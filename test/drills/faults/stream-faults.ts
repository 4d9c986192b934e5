import { type ClickEvent, type Domain, type Feature, SeededRandom } from '../../../src/core/index.js';
import type { LearnerFault } from './faulted-run.js';

/** What goes wrong for a while in the middle of a stream. */
export interface Fault {
  /** The events of that while, as they come instead. */
  events?(events: readonly ClickEvent[]): readonly ClickEvent[];
  readonly learner?: LearnerFault;
  /** Subscribers may have what is learned meanwhile: nothing has to be refused. */
  readonly harmless?: boolean;
  /** Bad versions that are known to come through, at most. */
  readonly missed?: number;
}

const DAY_MS = 86_400_000;
const random = () => new SeededRandom(3, 'faults');
const each = (change: (event: ClickEvent, i: number) => Partial<ClickEvent>): Fault => ({
  events: (events) => events.map((event, i) => ({ ...event, ...change(event, i) })),
});
const other = (domain: Domain): Domain => (domain === 'target' ? 'source' : 'target');
const filled = (features: readonly Feature[], value: (name: string) => string) =>
  features.map(({ name }) => ({ name, values: [value(name)] }));
const shuffled = <T>(items: readonly T[]): T[] => {
  const draw = random();
  return items
    .map((item) => ({ item, at: draw.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
};

/** Each of the weights that make embeddings or layers, changed in place of the learner's. */
function rewritten(change: (name: string, data: Float32Array) => void): LearnerFault {
  return {
    engine(run) {
      const engine = run.engineLike(run.config);
      const state = structuredClone(run.engine.snapshot());
      for (const { name, data } of state.model) if (data instanceof Float32Array) change(name, data);
      engine.restore(state);
      return engine;
    },
  };
}

export const FAULTS: Readonly<Record<string, Fault>> = {
  'labels flipped': each(({ clicked }) => ({ clicked: !clicked })),
  'labels of the target flipped': each(({ clicked, domain }) => ({
    clicked: domain === 'target' ? !clicked : clicked,
  })),
  'labels of a coin': (() => {
    const draw = random();
    return each(() => ({ clicked: draw.next() < 0.5 }));
  })(),
  'labels of the row before': {
    events: (events) => events.map((event, i) => ({ ...event, clicked: events[Math.max(0, i - 1)]!.clicked })),
  },
  'all clicks': each(() => ({ clicked: true })),
  // the first version after it began: some fifty rows are too few to show a rate of zero
  'an hour without a click': { ...each(() => ({ clicked: false })), missed: 1 },
  'domains swapped': { ...each(({ domain }) => ({ domain: other(domain) })), harmless: true },
  'the target only': { harmless: true, events: (events) => events.filter(({ domain }) => domain === 'target') },
  'every event ten times': {
    harmless: true,
    events: (events) => events.flatMap((event) => Array(10).fill(event) as ClickEvent[]),
  },
  'the clock a month ahead': {
    ...each(({ eventTimeMs }) => ({ eventTimeMs: eventTimeMs + 30 * DAY_MS })),
    harmless: true,
  },
  'the clock a month behind': {
    ...each(({ eventTimeMs }) => ({ eventTimeMs: eventTimeMs - 30 * DAY_MS })),
    harmless: true,
  },
  'items shuffled': {
    events: (events) => {
      const items = shuffled(events);
      return events.map((event, i) => ({
        ...event,
        itemId: items[i]!.itemId,
        itemFeatures: items[i]!.itemFeatures,
      }));
    },
  },
  'users shuffled': {
    events: (events) => {
      const users = shuffled(events);
      return events.map((event, i) => ({ ...event, userId: users[i]!.userId, userFeatures: users[i]!.userFeatures }));
    },
  },
  'histories empty: every user is a new one': each(({ eventId }) => ({ userId: `new-${eventId}` })),
  'features NaN': each(({ userFeatures, itemFeatures }) => ({
    userFeatures: filled(userFeatures, () => 'NaN'),
    itemFeatures: filled(itemFeatures, () => 'NaN'),
  })),
  'features of huge values, each once': each(({ userFeatures, itemFeatures }, i) => ({
    userFeatures: filled(userFeatures, () => `1e308${i}`.repeat(20)),
    itemFeatures: filled(itemFeatures, () => `9e307${i}`.repeat(20)),
  })),
  'one item only, clicked by all': each(() => ({ itemId: 'i1', clicked: true })),
  'a click farm: one user clicks half of all': each((event, i) =>
    i % 2 === 0 ? { userId: 'farm', clicked: true } : event,
  ),
  'learning rates a hundred times as high': {
    learner: {
      engine(run) {
        const { training } = run.config;
        const engine = run.engineLike({
          ...run.config,
          training: {
            ...training,
            denseLearningRate: training.denseLearningRate * 100,
            embeddingLearningRate: training.embeddingLearningRate * 100,
          },
        });
        engine.restore(structuredClone(run.engine.snapshot()));
        return engine;
      },
    },
  },
  'scores stuck': { learner: { logits: (logits) => logits.fill(-2) } },
  'embedding rows shuffled among ids': {
    harmless: true,
    learner: rewritten((name, data) => {
      if (name.startsWith('embedding')) data.set(shuffled(Array.from(data)));
    }),
  },
  'the last layer with its sign turned': {
    harmless: true,
    learner: rewritten((name, data) => {
      if (name === 'pred.W2') for (let i = 0; i < data.length; i++) data[i] = -3 * data[i]!;
    }),
  },
};
