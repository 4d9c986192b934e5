import type { Ragged } from '../core/index.js';
import type { EmbeddedRows } from '../model/forward-pass.js';

/** Rows [start, end) of a batch with the items and embeddings that they read, and no others. */
export interface Slice {
  readonly start: number;
  readonly end: number;
  readonly embedded: EmbeddedRows & { readonly embeddings: Float32Array };
  /** [R'] places of the slice's embeddings among those of the batch */
  readonly places: Int32Array;
}

/** Where the arrays of a slice lie. */
export interface SliceMemory {
  ints(length: number): Int32Array;
  floats(length: number): Float32Array;
}

/** Memory of this thread alone. */
export const OWN_MEMORY: SliceMemory = {
  ints: (length) => new Int32Array(length),
  floats: (length) => new Float32Array(length),
};

/** Numbers that a slice uses, renumbered in the order in which they first appear. */
class Renumbering {
  /** Place of each number used so far; -1 elsewhere. */
  #places = new Int32Array(0);
  #used = new Int32Array(0);
  #count = 0;

  /** Numbers used since `begin`. */
  get used(): Int32Array {
    return this.#used.subarray(0, this.#count);
  }

  /** `numbers`: all lie below. */
  begin(numbers: number): void {
    for (const number of this.used) this.#places[number] = -1;
    this.#count = 0;
    if (numbers <= this.#places.length) return;
    this.#places = new Int32Array(2 * numbers).fill(-1);
    this.#used = new Int32Array(2 * numbers);
  }

  place(number: number): number {
    const found = this.#places[number]!;
    if (found >= 0) return found;
    this.#places[number] = this.#count;
    this.#used[this.#count] = number;
    return this.#count++;
  }
}

/** Cuts batches by rows. A slice is a function of the batch and of its bounds alone. */
export class SliceCutter {
  readonly #items = new Renumbering();
  readonly #rows = new Renumbering();

  /** `width`: floats of an embedding. */
  cut(whole: EmbeddedRows, width: number, start: number, end: number, memory: SliceMemory): Slice {
    const { batch, userFeatures, itemFeatures } = whole;
    const size = end - start;
    this.#items.begin(itemFeatures.splits.length - 1);
    this.#rows.begin(whole.embeddingRows);
    const user = renumbered(userFeatures, start, end, this.#rows, memory);
    const candidate = memory.ints(size);
    for (let i = 0; i < size; i++) candidate[i] = this.#items.place(batch.candidate[start + i]!);
    const histT = renumbered(batch.histT, start, end, this.#items, memory);
    const histS = renumbered(batch.histS, start, end, this.#items, memory);
    const item = this.#itemFeatures(itemFeatures, memory);
    const places = this.#rows.used.slice();
    const denseWidth = batch.denseWidth;
    return {
      start,
      end,
      places,
      embedded: {
        batch: {
          size,
          domain: batch.domain.slice(start, end),
          offset: copied(batch.offset, start, end, memory),
          dense: copied(batch.dense, start * denseWidth, end * denseWidth, memory),
          denseWidth,
          candidate,
          histT,
          histS,
        },
        embeddings: picked(whole, places, width, memory),
        embeddingRows: Math.max(1, places.length),
        userFeatures: user,
        itemFeatures: item,
      },
    };
  }

  /** Lists of the items in use, by their new numbers. */
  #itemFeatures({ splits, items }: Ragged, memory: SliceMemory): Ragged {
    const used = this.#items.used;
    const own = memory.ints(used.length + 1);
    own[0] = 0;
    for (let u = 0; u < used.length; u++) own[u + 1] = own[u]! + splits[used[u]! + 1]! - splits[used[u]!]!;
    const list = memory.ints(own[used.length]!);
    for (let u = 0, at = 0; u < used.length; u++) {
      for (let j = splits[used[u]!]!; j < splits[used[u]! + 1]!; j++) list[at++] = this.#rows.place(items[j]!);
    }
    return { splits: own, items: list };
  }
}

function renumbered(
  { splits, items }: Ragged,
  start: number,
  end: number,
  numbers: Renumbering,
  memory: SliceMemory,
): Ragged {
  const first = splits[start]!;
  const own = memory.ints(end - start + 1);
  for (let i = start; i <= end; i++) own[i - start] = splits[i]! - first;
  const list = memory.ints(splits[end]! - first);
  for (let j = 0; j < list.length; j++) list[j] = numbers.place(items[first + j]!);
  return { splits: own, items: list };
}

function copied(from: Float32Array, start: number, end: number, memory: SliceMemory): Float32Array {
  const to = memory.floats(end - start);
  to.set(from.subarray(start, end));
  return to;
}

/** Rows of the batch's embeddings; one of zeros where the slice has none, since engines want no empty matrix. */
function picked({ embeddings }: EmbeddedRows, places: Int32Array, width: number, memory: SliceMemory): Float32Array {
  const to = memory.floats(Math.max(1, places.length) * width);
  if (places.length === 0) to.fill(0);
  for (let k = 0; k < places.length; k++) {
    const from = places[k]! * width;
    for (let j = 0; j < width; j++) to[k * width + j] = embeddings[from + j]!;
  }
  return to;
}
