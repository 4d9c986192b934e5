import type { Ragged } from '../core/index.js';
import { bag, gather } from '../model/layers.js';
import type { Tape, TapeNode } from '../model/tape.js';
import { multiply, repeatColumn, zeros } from './layers.js';

/** All positions of the batch's histories, one after the other, with what stands beside each of them. */
export interface PackedPositions<T> {
  /** [N,d] the clicked items */
  readonly r: TapeNode<T>;
  /** Repeats each sample's row for its positions: [B,m] -> [N,m]. */
  beside(x: TapeNode<T>): TapeNode<T>;
}

/**
 * sum_l w_l r_l over each history: items [U,d] -> [B,d], where `weigh` gives the weights [N,1] of all positions. An empty
 * history is a zero vector.
 */
export function weightedHistory<T>(
  tape: Tape<T>,
  items: TapeNode<T>,
  history: Ragged,
  weigh: (positions: PackedPositions<T>) => TapeNode<T>,
): TapeNode<T> {
  const { splits } = history;
  const B = splits.length - 1;
  const N = splits[B]!;
  const d = tape.ops.shape(items.value)[1];
  if (N === 0) return zeros(tape, B, d);
  const sample = new Int32Array(N);
  for (let i = 0; i < B; i++) sample.fill(i, splits[i]!, splits[i + 1]!);
  const r = gather(tape, items, history.items.subarray(0, N)); //        [N,d]
  const weights = weigh({ r, beside: (x) => gather(tape, x, sample) }); // [N,1]
  const weighted = multiply(tape, r, repeatColumn(tape, weights, d)); // [N,d]
  return bag(tape, weighted, { splits, items: Int32Array.from({ length: N }, (_, l) => l) }, 'sum');
}
