import type { Tape, TapeNode } from '../model/tape.js';

/** Columns [start, start + width) of x [n,m]. */
export function slice<T>(tape: Tape<T>, x: TapeNode<T>, start: number, width: number): TapeNode<T> {
  const { ops } = tape;
  const [rows, cols] = ops.shape(x.value);
  if (start === 0 && width === cols) return x;
  return tape.layer(ops.sliceColumns(x.value, start, width), [x], (dy) => {
    const zeros = (count: number) => (count === 0 ? [] : [ops.upload(new Float32Array(rows * count), rows, count)]);
    tape.accumulate(x, ops.concatColumns([...zeros(start), dy, ...zeros(cols - start - width)]));
  });
}

/** Elementwise product: [n,m] and [n,m]. */
export function multiply<T>(tape: Tape<T>, a: TapeNode<T>, b: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  return tape.layer(ops.multiply(a.value, b.value), [a, b], (dy) => {
    if (a.differentiable) tape.accumulate(a, ops.multiply(dy, b.value));
    if (b.differentiable) tape.accumulate(b, ops.multiply(dy, a.value));
  });
}

export function scale<T>(tape: Tape<T>, x: TapeNode<T>, factor: number): TapeNode<T> {
  const { ops } = tape;
  return tape.layer(ops.scale(x.value, factor), [x], (dy) => tape.accumulate(x, ops.scale(dy, factor)));
}

/** a - b */
export function subtract<T>(tape: Tape<T>, a: TapeNode<T>, b: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  return tape.layer(ops.add(a.value, ops.scale(b.value, -1)), [a, b], (dy) => {
    tape.accumulate(a, dy);
    if (b.differentiable) tape.accumulate(b, ops.scale(dy, -1));
  });
}

/** y = x M: x [n,k], M [k,m] -> [n,m]. */
export function times<T>(tape: Tape<T>, x: TapeNode<T>, M: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  return tape.layer(ops.matmul(x.value, M.value, false, false), [x, M], (dy) => {
    if (M.differentiable) tape.accumulate(M, ops.matmul(x.value, dy, true, false));
    if (x.differentiable) tape.accumulate(x, ops.matmul(dy, M.value, false, true));
  });
}

/** x [n,m] + b [1,m] on every row, then ReLU where asked. */
export function addBias<T>(tape: Tape<T>, x: TapeNode<T>, b: TapeNode<T>, relu: boolean): TapeNode<T> {
  const { ops } = tape;
  const y = ops.addBias(x.value, b.value, relu);
  return tape.layer(y, [x, b], (dy) => {
    const dSum = relu ? ops.reluGrad(dy, y) : dy;
    if (b.differentiable) tape.accumulate(b, ops.sumRows(dSum));
    tape.accumulate(x, dSum);
  });
}

export function relu<T>(tape: Tape<T>, x: TapeNode<T>): TapeNode<T> {
  return addBias(tape, x, zeros(tape, 1, tape.ops.shape(x.value)[1]), true);
}

/** 1 / (1 + e^-x) = 1/2 + 1/2 tanh(x/2), which no x overflows. */
export function sigmoid<T>(tape: Tape<T>, x: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  const cols = ops.shape(x.value)[1];
  const half = ops.upload(new Float32Array(cols).fill(0.5), 1, cols);
  const t = ops.tanh(ops.scale(x.value, 0.5));
  const y = ops.addBias(ops.scale(t, 0.5), half, false);
  return tape.layer(y, [x], (dy) => tape.accumulate(x, ops.scale(ops.tanhGrad(dy, t), 0.25)));
}

/** Row sums: [n,m] -> [n,1]. */
export function sumColumns<T>(tape: Tape<T>, x: TapeNode<T>): TapeNode<T> {
  return times(tape, x, ones(tape, tape.ops.shape(x.value)[1], 1));
}

/** One column side by side with itself: [n,1] -> [n,width]. */
export function repeatColumn<T>(tape: Tape<T>, x: TapeNode<T>, width: number): TapeNode<T> {
  return times(tape, x, ones(tape, 1, width));
}

/** Scalar times matrix where the scalar is learned: x [n,m], s [1,1]. */
export function scaleBy<T>(tape: Tape<T>, x: TapeNode<T>, s: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  const [rows, cols] = ops.shape(x.value);
  const column = times(tape, ones(tape, rows, 1), s); // [n,1]
  return multiply(tape, x, repeatColumn(tape, column, cols));
}

/**
 * Sum of the elementwise products of all pairs, 1/2 [(sum_f e_f)^2 - sum_f e_f^2]: F matrices [B,d] -> [B,d]. The
 * adjoint of e_f is dy * (S - e_f) with S = sum_f e_f.
 */
export function pairProducts<T>(tape: Tape<T>, fields: readonly TapeNode<T>[]): TapeNode<T> {
  const { ops } = tape;
  const values = fields.map(({ value }) => value);
  const sum = values.reduce((total, value) => ops.add(total, value));
  const squares = values.map((value) => ops.multiply(value, value)).reduce((total, square) => ops.add(total, square));
  const y = ops.scale(ops.add(ops.multiply(sum, sum), ops.scale(squares, -1)), 0.5);
  return tape.layer(y, fields, (dy) => {
    for (const field of fields) {
      const others = ops.add(sum, ops.scale(field.value, -1));
      tape.accumulate(field, ops.multiply(dy, others));
    }
  });
}

export function zeros<T>(tape: Tape<T>, rows: number, cols: number): TapeNode<T> {
  return tape.constant(tape.ops.upload(new Float32Array(rows * cols), rows, cols));
}

function ones<T>(tape: Tape<T>, rows: number, cols: number): TapeNode<T> {
  return tape.constant(tape.ops.upload(new Float32Array(rows * cols).fill(1), rows, cols));
}
