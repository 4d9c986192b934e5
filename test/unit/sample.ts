import type { Item, Sample } from '../../src/core/index.js';

let serial = 0;

export function item(domain: number, ...featureIds: number[]): Item {
  return {
    serial: serial++,
    domain,
    featureIds: Float64Array.from(featureIds),
    impressions: 0,
    batchStamp: -1,
    batchSlot: -1,
  };
}

export function sample(sequence: number, more: Partial<Sample> = {}): Sample {
  return {
    sequence,
    eventId: `e${sequence}`,
    impressionId: `i${sequence}`,
    eventTimeMs: sequence,
    domain: 1,
    userId: `u${sequence % 3}`,
    itemId: 'x',
    userFeatureIds: [100 + (sequence % 3)],
    item: more.item ?? item(more.domain ?? 1, 200 + sequence),
    historyTarget: [],
    historySource: [],
    coldUser: false,
    newItem: false,
    dense: new Float32Array(0),
    offset: 0,
    targetOnly: null,
    logit: Number.NaN,
    scoredAtStep: -1,
    label: -1,
    replays: 0,
    ...more,
  };
}
