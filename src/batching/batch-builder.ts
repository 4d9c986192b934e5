import type { Item, Sample, SampleBatch, TrainingRow } from '../core/index.js';

/** Numbers batches, so that an item knows whether it already stands in the one being built. */
let stamp = 0;

/**
 * Samples -> struct of typed arrays. Every distinct item of candidates and histories stands once, in order of first
 * appearance (row by row: candidate, target history, source history), which depends on the rows alone.
 */
export function buildBatch(samples: readonly Sample[]): SampleBatch {
  const size = samples.length;
  const mark = ++stamp;
  let userIdCount = 0;
  let targetCount = 0;
  let sourceCount = 0;
  for (const s of samples) {
    userIdCount += s.userFeatureIds.length;
    targetCount += s.historyTarget.length;
    sourceCount += s.historySource.length;
  }
  const denseWidth = samples[0]?.dense.length ?? 0;
  const batch = {
    size,
    domain: new Uint8Array(size),
    label: new Float32Array(size),
    weight: new Float32Array(size).fill(1),
    offset: new Float32Array(size),
    dense: new Float32Array(size * denseWidth),
    denseWidth,
    userSplits: new Int32Array(size + 1),
    userIds: new Float64Array(userIdCount),
    candidate: new Int32Array(size),
    histT: { splits: new Int32Array(size + 1), items: new Int32Array(targetCount) },
    histS: { splits: new Int32Array(size + 1), items: new Int32Array(sourceCount) },
  };
  const items: Item[] = [];
  let itemIdCount = 0;
  const slotOf = (item: Item): number => {
    if (item.batchStamp !== mark) {
      item.batchStamp = mark;
      item.batchSlot = items.length;
      itemIdCount += item.featureIds.length;
      items.push(item);
    }
    return item.batchSlot;
  };
  let userAt = 0;
  let targetAt = 0;
  let sourceAt = 0;
  for (let i = 0; i < size; i++) {
    const s = samples[i]!;
    batch.domain[i] = s.domain;
    batch.label[i] = s.label;
    batch.offset[i] = s.offset;
    if (denseWidth > 0) batch.dense.set(s.dense, i * denseWidth);
    for (let k = 0; k < s.userFeatureIds.length; k++) batch.userIds[userAt++] = s.userFeatureIds[k]!;
    batch.userSplits[i + 1] = userAt;
    batch.candidate[i] = slotOf(s.item);
    const target = s.historyTarget;
    for (let k = 0; k < target.length; k++) batch.histT.items[targetAt++] = slotOf(target[k]!);
    batch.histT.splits[i + 1] = targetAt;
    const source = s.historySource;
    for (let k = 0; k < source.length; k++) batch.histS.items[sourceAt++] = slotOf(source[k]!);
    batch.histS.splits[i + 1] = sourceAt;
  }
  const itemSplits = new Int32Array(items.length + 1);
  const itemIds = new Float64Array(itemIdCount);
  let at = 0;
  for (let u = 0; u < items.length; u++) {
    const ids = items[u]!.featureIds;
    for (let k = 0; k < ids.length; k++) itemIds[at++] = ids[k]!;
    itemSplits[u + 1] = at;
  }
  return { ...batch, ...targetOnlyInputs(samples, denseWidth), itemSplits, itemIds };
}

function targetOnlyInputs(samples: readonly Sample[], denseWidth: number): Pick<SampleBatch, 'targetOnly'> {
  if (samples.every(({ targetOnly }) => targetOnly === null)) return {};
  const inputs = {
    offset: Float32Array.from(samples, ({ targetOnly }) => targetOnly?.offset ?? 0),
    dense: new Float32Array(samples.length * denseWidth),
  };
  for (const [i, { targetOnly }] of samples.entries()) {
    if (targetOnly !== null && denseWidth > 0) inputs.dense.set(targetOnly.dense, i * denseWidth);
  }
  return { targetOnly: inputs };
}

/** The batch of a training step: samples with the labels and weights that their rows enter with. */
export function buildTrainingBatch(rows: readonly TrainingRow[]): SampleBatch {
  const batch = buildBatch(rows.map(({ sample }) => sample));
  for (let i = 0; i < rows.length; i++) {
    batch.label[i] = rows[i]!.label;
    batch.weight[i] = rows[i]!.weight;
  }
  return batch;
}
