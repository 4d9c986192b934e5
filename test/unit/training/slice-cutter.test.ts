import { describe, expect, it } from 'vitest';
import { type Ragged, SeededRandom } from '../../../src/core/index.js';
import type { EmbeddedRows } from '../../../src/model/forward-pass.js';
import { RowCollector } from '../../../src/training/engine-rows.js';
import { OWN_MEMORY, SliceCutter } from '../../../src/training/slice-cutter.js';
import { randomBatch } from '../model/random-batch.js';

const WIDTH = 3;

function embedded(seed: number, historyLength = 4): EmbeddedRows & { readonly embeddings: Float32Array } {
  const random = new SeededRandom(seed);
  const batch = randomBatch(random, { size: 50, users: 20, items: 25, historyLength, denseWidth: 2 });
  const rows = new Map<number, number>();
  // every fifth id is unknown
  const found = new RowCollector().collect(batch, (id) => {
    if (id % 5 === 0) return -1;
    if (!rows.has(id)) rows.set(id, rows.size);
    return rows.get(id)!;
  });
  const embeddings = Float32Array.from({ length: found.rows.length * WIDTH }, () => random.normal());
  return { batch, embeddings, embeddingRows: found.rows.length, ...found };
}

const list = ({ splits, items }: Ragged, i: number) => [...items.subarray(splits[i]!, splits[i + 1]!)];

/** All that row i reads, by value: embeddings of its user, of its candidate and of its histories. */
function contents({ batch, embeddings, userFeatures, itemFeatures }: EmbeddedRows, i: number) {
  const vectors = (places: readonly number[]) =>
    places.map((k) => [...embeddings.subarray(k * WIDTH, (k + 1) * WIDTH)]);
  const item = (u: number) => vectors(list(itemFeatures, u));
  return {
    user: vectors(list(userFeatures, i)),
    candidate: item(batch.candidate[i]!),
    histT: list(batch.histT, i).map(item),
    histS: list(batch.histS, i).map(item),
    domain: batch.domain[i],
    offset: batch.offset[i],
    dense: [...batch.dense.subarray(2 * i, 2 * i + 2)],
  };
}

describe('a slice of a batch', () => {
  it.each([
    [0, 50],
    [0, 1],
    [17, 33],
    [49, 50],
  ])('rows %i to %i read what they read in the batch, and nothing else is carried', (start, end) => {
    const cutter = new SliceCutter();
    for (const seed of [1, 2]) {
      const whole = embedded(seed);
      const slice = cutter.cut(whole, WIDTH, start, end, OWN_MEMORY);
      expect(slice.embedded.batch.size).toBe(end - start);
      for (let i = start; i < end; i++) expect(contents(slice.embedded, i - start)).toEqual(contents(whole, i));
      for (const [k, place] of slice.places.entries()) {
        expect(slice.embedded.embeddings.subarray(k * WIDTH, (k + 1) * WIDTH)).toEqual(
          whole.embeddings.subarray(place * WIDTH, (place + 1) * WIDTH),
        );
      }
      const { userFeatures, itemFeatures, batch } = slice.embedded;
      const read = new Set([...userFeatures.items, ...itemFeatures.items]);
      expect(read.size).toBe(slice.places.length);
      expect(new Set(slice.places).size).toBe(slice.places.length);
      const items = new Set([...batch.candidate, ...batch.histT.items, ...batch.histS.items]);
      expect(items.size).toBe(itemFeatures.splits.length - 1);
    }
  });

  it('that knows none of its ids has one row of zeros', () => {
    const whole = embedded(3, 0);
    const none = (lists: Ragged): Ragged => ({ splits: lists.splits.map(() => 0), items: new Int32Array(0) });
    const strangers = { ...whole, userFeatures: none(whole.userFeatures), itemFeatures: none(whole.itemFeatures) };
    const slice = new SliceCutter().cut(strangers, WIDTH, 2, 9, OWN_MEMORY);
    expect(slice.places).toHaveLength(0);
    expect(slice.embedded.embeddingRows).toBe(1);
    expect(Array.from<number>(slice.embedded.embeddings)).toEqual([0, 0, 0]);
  });
});
