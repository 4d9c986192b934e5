import { foldOptions } from '../../../pipelines/assembly.js';
import { Fold } from '../../../pipelines/fold.js';
import type { FoldOptions } from '../../../pipelines/fold-options.js';
import { parseConfig } from '../../../src/config/index.js';
import type { ClickEvent, EventSource, Learner, SampleBatch } from '../../../src/core/index.js';
import { FeatureHasher } from '../../../src/features/index.js';
import { stepReport } from '../step-report.js';

export const HASHER = await FeatureHasher.create();

/** The fold as configured, with these keys changed and then these options. */
export function smallFold(overrides: readonly string[], changes: Partial<FoldOptions> = {}): Fold {
  const options = foldOptions(parseConfig('', 'test', { env: {}, overrides }));
  return new Fold({ ...options, ...changes }, HASHER);
}

export function impression(changes: Partial<ClickEvent> & { readonly eventId: string }): ClickEvent {
  return {
    kind: 'impression',
    impressionId: changes.eventId,
    eventTimeMs: 0,
    domain: 'target',
    userId: 'u',
    itemId: 'i',
    clicked: null,
    userFeatures: [],
    itemFeatures: [],
    row: -1,
    ...changes,
  };
}

/** Events at hand, one list a partition. */
export function memorySource(partitions: readonly (readonly ClickEvent[])[]): EventSource {
  let next = partitions.map(() => 0);
  return {
    name: 'memory',
    partitions: partitions.map((events, i) => ({ name: `p${i}`, expectedRecords: events.length })),
    async open(from) {
      next = from.map(Number);
    },
    async read(partition, maxRecords) {
      const first = next[partition]!;
      const events = partitions[partition]!.slice(first, first + maxRecords);
      next[partition] = first + events.length;
      return {
        partition,
        first: BigInt(first),
        records: events.map((value) => ({ ok: true, value })),
        last: next[partition]! >= partitions[partition]!.length,
      };
    },
    async close() {},
  };
}

/** A score that depends on everything a batch says of a row, and on the steps taken. */
export function scoresOf(batch: SampleBatch, steps: number): Float32Array {
  return Float32Array.from({ length: batch.size }, (_, i) => {
    const target = batch.histT.splits[i + 1]! - batch.histT.splits[i]!;
    const source = batch.histS.splits[i + 1]! - batch.histS.splits[i]!;
    return target - source + batch.domain[i]! / 2 + steps / 64;
  });
}

/** A learner without a model that answers at once; `changes` stand in for its calls. */
export function fakeLearner(changes: Partial<Learner> = {}): Learner {
  let steps = 0;
  return {
    score: async (batch) => scoresOf(batch, steps),
    train: async (batch) => stepReport(++steps, batch.size),
    describe: () => ({ backend: 'none', settings: {}, denseParameters: 0 }),
    inspect: async () => ({ rows: {}, tensors: 0, tableBytes: 0, evictedRows: 0 }),
    snapshot: async () => ({ model: [], optimizer: [], rest: { steps } }),
    restore: async () => {},
    serving: async (whole) => ({ tensors: [], tables: [], wholeBecause: whole }),
    published: async () => {},
    close: async () => {},
    ...changes,
  };
}
