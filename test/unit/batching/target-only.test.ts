import { describe, expect, it } from 'vitest';
import { targetOnly } from '../../../src/batching/index.js';
import { DOMAIN_CODE, type Ragged, type SampleBatch, SeededRandom } from '../../../src/core/index.js';
import { randomBatch } from '../model/random-batch.js';

/** Feature ids of the items of a list, item by item. */
function idsOf({ itemSplits, itemIds }: SampleBatch, items: Iterable<number>): number[][] {
  return [...items].map((u) => [...itemIds.subarray(itemSplits[u]!, itemSplits[u + 1]!)]);
}

function rowOf(batch: SampleBatch, i: number) {
  const list = ({ splits, items }: Ragged) => items.subarray(splits[i]!, splits[i + 1]!);
  return {
    label: batch.label[i],
    weight: batch.weight[i],
    offset: batch.offset[i],
    dense: [...batch.dense.subarray(i * batch.denseWidth, (i + 1) * batch.denseWidth)],
    user: [...batch.userIds.subarray(batch.userSplits[i]!, batch.userSplits[i + 1]!)],
    candidate: idsOf(batch, [batch.candidate[i]!]),
    histT: idsOf(batch, list(batch.histT)),
  };
}

describe('a batch without its source domain', () => {
  it('keeps every target row as it was, histories of the target included, and nothing else', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const whole = randomBatch(new SeededRandom(seed), {
        size: 9,
        users: 5,
        items: 6,
        historyLength: 4,
        denseWidth: seed % 3,
      });
      const { batch, rows } = targetOnly(whole);
      expect([...rows]).toEqual([...whole.domain.keys()].filter((i) => whole.domain[i] === DOMAIN_CODE.target));
      expect(batch.size).toBe(rows.length);
      rows.forEach((row, i) => {
        expect(rowOf(batch, i)).toEqual(rowOf(whole, row));
      });
      expect(batch.histS.items).toHaveLength(0);
      const used = new Set([...batch.candidate, ...batch.histT.items]);
      expect(used.size).toBe(batch.itemSplits.length - 1);
    }
  });

  it('is empty where all rows are of the source', () => {
    const whole = randomBatch(new SeededRandom(1), { size: 4, users: 3, items: 3, historyLength: 2, domain: 0 });
    expect(targetOnly(whole).batch).toMatchObject({ size: 0, itemIds: new Float64Array(0) });
  });
});
