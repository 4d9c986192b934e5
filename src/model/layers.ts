import type { Ragged } from '../core/index.js';
import type { Tape, TapeNode } from './tape.js';

/** y = x W^T: x [n,in], W [out,in] -> [n,out]. */
export function product<T>(tape: Tape<T>, x: TapeNode<T>, W: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  return tape.layer(ops.matmul(x.value, W.value, false, true), [x, W], (dy) => {
    if (W.differentiable) tape.accumulate(W, ops.matmul(dy, x.value, true, false));
    if (x.differentiable) tape.accumulate(x, ops.matmul(dy, W.value, false, false));
  });
}

/** y = act(x W^T + b): x [n,in], W [out,in], b [1,out] -> [n,out]. */
export function linear<T>(
  tape: Tape<T>,
  x: TapeNode<T>,
  W: TapeNode<T>,
  b: TapeNode<T>,
  activation: 'relu' | 'none',
): TapeNode<T> {
  const { ops } = tape;
  const y = ops.addBias(ops.matmul(x.value, W.value, false, true), b.value, activation === 'relu');
  return tape.layer(y, [x, W, b], (dy) => {
    const dSum = activation === 'relu' ? ops.reluGrad(dy, y) : dy;
    if (b.differentiable) tape.accumulate(b, ops.sumRows(dSum));
    if (W.differentiable) tape.accumulate(W, ops.matmul(dSum, x.value, true, false));
    if (x.differentiable) tape.accumulate(x, ops.matmul(dSum, W.value, false, false));
  });
}

/** Elementwise sum. */
export function add<T>(tape: Tape<T>, a: TapeNode<T>, b: TapeNode<T>): TapeNode<T> {
  return tape.layer(tape.ops.add(a.value, b.value), [a, b], (dy) => {
    tape.accumulate(a, dy);
    tape.accumulate(b, dy);
  });
}

/** Elementwise product with a mask that is not learned: inverted dropout. */
export function maskWith<T>(tape: Tape<T>, x: TapeNode<T>, mask: T): TapeNode<T> {
  const { ops } = tape;
  return tape.layer(ops.multiply(x.value, mask), [x], (dy) => tape.accumulate(x, ops.multiply(dy, mask)));
}

export function tanh<T>(tape: Tape<T>, x: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  const y = ops.tanh(x.value);
  return tape.layer(y, [x], (dy) => tape.accumulate(x, ops.tanhGrad(dy, y)));
}

/** Gradient reversal, paper equation 11: x forward, -strength dy backward. At strength 0 nothing goes back. */
export function reverse<T>(tape: Tape<T>, x: TapeNode<T>, strength: number): TapeNode<T> {
  return tape.layer(x.value, [x], (dy) => {
    if (strength !== 0) tape.accumulate(x, tape.ops.scale(dy, -strength));
  });
}

/** Side by side: [n,a], [n,b], ... -> [n,a+b+...]. */
export function concat<T>(tape: Tape<T>, parts: readonly TapeNode<T>[]): TapeNode<T> {
  const { ops } = tape;
  const y = ops.concatColumns(parts.map((part) => part.value));
  return tape.layer(y, parts, (dy) => {
    let start = 0;
    for (const part of parts) {
      const width = ops.shape(part.value)[1];
      if (part.differentiable) tape.accumulate(part, ops.sliceColumns(dy, start, width));
      start += width;
    }
  });
}

/** Rows by number: x [u,d] -> [index.length,d]. */
export function gather<T>(tape: Tape<T>, x: TapeNode<T>, index: Int32Array): TapeNode<T> {
  const { ops } = tape;
  return tape.layer(ops.gather(x.value, index), [x], (dy) => {
    tape.accumulate(x, ops.scatterAdd(dy, index, ops.shape(x.value)[0]));
  });
}

/** Sum (or mean) of each list's rows: x [u,d] -> [lists,d]. */
export function bag<T>(tape: Tape<T>, x: TapeNode<T>, lists: Ragged, pooling: 'sum' | 'mean'): TapeNode<T> {
  const { ops } = tape;
  const mean = pooling === 'mean';
  return tape.layer(ops.bag(x.value, lists, mean), [x], (dy) => {
    tape.accumulate(x, ops.bagGrad(dy, lists, ops.shape(x.value)[0], mean));
  });
}
