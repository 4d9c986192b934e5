import type { Ragged, SampleBatch } from '../../../src/core/index.js';

/** A batch of the given rows of `batch`, in that order; rows may repeat. Only the items they name stand in it. */
export function pickRows(batch: SampleBatch, rows: readonly number[]): SampleBatch {
  const slots = new Map<number, number>();
  const itemIds: number[] = [];
  const itemSplits = [0];
  const slot = (item: number): number => {
    const known = slots.get(item);
    if (known !== undefined) return known;
    itemIds.push(...batch.itemIds.subarray(batch.itemSplits[item]!, batch.itemSplits[item + 1]!));
    itemSplits.push(itemIds.length);
    slots.set(item, slots.size);
    return slots.size - 1;
  };
  const lists = ({ splits, items }: Ragged): Ragged => {
    const picked: number[] = [];
    const ends = [0];
    for (const row of rows) {
      for (const item of items.subarray(splits[row]!, splits[row + 1]!)) picked.push(slot(item));
      ends.push(picked.length);
    }
    return { splits: Int32Array.from(ends), items: Int32Array.from(picked) };
  };
  const userIds: number[] = [];
  const userSplits = [0];
  for (const row of rows) {
    userIds.push(...batch.userIds.subarray(batch.userSplits[row]!, batch.userSplits[row + 1]!));
    userSplits.push(userIds.length);
  }
  const candidate = Int32Array.from(rows, (row) => slot(batch.candidate[row]!));
  const histT = lists(batch.histT);
  const histS = lists(batch.histS);
  const { denseWidth } = batch;
  const dense = new Float32Array(rows.length * denseWidth);
  rows.forEach((row, i) => {
    dense.set(batch.dense.subarray(row * denseWidth, (row + 1) * denseWidth), i * denseWidth);
  });
  return {
    size: rows.length,
    domain: Uint8Array.from(rows, (row) => batch.domain[row]!),
    label: Float32Array.from(rows, (row) => batch.label[row]!),
    weight: Float32Array.from(rows, (row) => batch.weight[row]!),
    offset: Float32Array.from(rows, (row) => batch.offset[row]!),
    dense,
    denseWidth,
    userSplits: Int32Array.from(userSplits),
    userIds: Float64Array.from(userIds),
    itemSplits: Int32Array.from(itemSplits),
    itemIds: Float64Array.from(itemIds),
    candidate,
    histT,
    histS,
  };
}
