import { DOMAIN_CODE, type Ragged, type SampleBatch } from '../core/index.js';

/** A batch as somebody sees it who has never heard of the source domain. */
export interface TargetOnlyBatch {
  readonly batch: SampleBatch;
  /** [batch.size] rows of the whole batch that it holds */
  readonly rows: Int32Array;
}

/**
 * The target's rows without their source histories, with what the target alone says of them where the batch knows it; the
 * items that only others need are gone too.
 */
export function targetOnly(whole: SampleBatch): TargetOnlyBatch {
  const rows = Int32Array.from(whole.domain.keys()).filter((i) => whole.domain[i] === DOMAIN_CODE.target);
  const items = new ItemSelection(whole);
  const user = pickLists({ splits: whole.userSplits, items: whole.userIds }, rows);
  const candidate = new Int32Array(rows.length);
  const histT = pickLists(whole.histT, rows);
  // in the order in which a batch of these rows alone would number them
  rows.forEach((row, i) => {
    candidate[i] = items.take(whole.candidate[row]!);
    for (let k = histT.splits[i]!; k < histT.splits[i + 1]!; k++) histT.items[k] = items.take(histT.items[k]!);
  });
  const of = <A extends Float32Array | Uint8Array>(values: A): A => values.filter((_, i) => whole.domain[i] === 1) as A;
  const { offset, dense: allDense } = whole.targetOnly ?? whole;
  const dense = new Float32Array(rows.length * whole.denseWidth);
  rows.forEach((row, i) => {
    dense.set(allDense.subarray(row * whole.denseWidth, (row + 1) * whole.denseWidth), i * whole.denseWidth);
  });
  return {
    rows,
    batch: {
      size: rows.length,
      domain: of(whole.domain),
      label: of(whole.label),
      weight: of(whole.weight),
      offset: of(offset),
      dense,
      denseWidth: whole.denseWidth,
      userSplits: user.splits,
      userIds: user.items,
      candidate,
      histT,
      histS: { splits: new Int32Array(rows.length + 1), items: new Int32Array(0) },
      ...items.selected(),
    },
  };
}

/** [size] Values of `rows` at their places, NaN at all others: what `targetOnly` picked, laid out as the whole again. */
export function overAllRows(values: Float32Array, rows: Int32Array, size: number): Float32Array {
  const all = new Float32Array(size).fill(Number.NaN);
  for (let i = 0; i < rows.length; i++) all[rows[i]!] = values[i]!;
  return all;
}

/** Distinct items, renumbered in order of first appearance. */
class ItemSelection {
  readonly #whole: SampleBatch;
  readonly #slots: Int32Array;
  readonly #taken: number[] = [];

  constructor(whole: SampleBatch) {
    this.#whole = whole;
    this.#slots = new Int32Array(whole.itemSplits.length - 1).fill(-1);
  }

  take(item: number): number {
    if (this.#slots[item]! < 0) this.#slots[item] = this.#taken.push(item) - 1;
    return this.#slots[item]!;
  }

  selected(): Pick<SampleBatch, 'itemSplits' | 'itemIds'> {
    const lists = { splits: this.#whole.itemSplits, items: this.#whole.itemIds };
    const { splits, items } = pickLists(lists, Int32Array.from(this.#taken));
    return { itemSplits: splits, itemIds: items };
  }
}

interface Lists<A> {
  readonly splits: Int32Array;
  readonly items: A;
}

function pickLists<A extends Int32Array | Float64Array>(lists: Lists<A> | Ragged, rows: Int32Array): Lists<A> {
  const splits = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    splits[i + 1] = splits[i]! + lists.splits[row + 1]! - lists.splits[row]!;
  });
  const items = lists.items.slice(0, splits[rows.length]!) as A;
  rows.forEach((row, i) => {
    items.set(lists.items.subarray(lists.splits[row]!, lists.splits[row + 1]!), splits[i]!);
  });
  return { splits, items };
}
