import type { Tape, TapeNode } from '../model/tape.js';

// Layers of a few numbers a row that the engines have no operation for: plain float64 loops over downloaded matrices.

function download<T>(tape: Tape<T>, x: T): Float64Array {
  const [rows, cols] = tape.ops.shape(x);
  return tape.ops.download(x, new Float64Array(rows * cols));
}

/** Softmax over each list of packed scores: s [N,1], splits [B+1] -> [N,1]. */
export function segmentSoftmax<T>(tape: Tape<T>, s: TapeNode<T>, splits: Int32Array): TapeNode<T> {
  const { ops } = tape;
  const beta = download(tape, s.value);
  for (let i = 0; i + 1 < splits.length; i++) {
    const end = splits[i + 1]!;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let l = splits[i]!; l < end; l++) greatest = Math.max(greatest, beta[l]!);
    let sum = 0;
    for (let l = splits[i]!; l < end; l++) sum += beta[l] = Math.exp(beta[l]! - greatest);
    for (let l = splits[i]!; l < end; l++) beta[l]! /= sum;
  }
  return tape.layer(ops.upload(beta, beta.length, 1), [s], (dBeta) => {
    // ds_l = beta_l (dbeta_l - sum_m beta_m dbeta_m)
    const ds = download(tape, dBeta);
    for (let i = 0; i + 1 < splits.length; i++) {
      const end = splits[i + 1]!;
      let mean = 0;
      for (let l = splits[i]!; l < end; l++) mean += beta[l]! * ds[l]!;
      for (let l = splits[i]!; l < end; l++) ds[l] = beta[l]! * (ds[l]! - mean);
    }
    tape.accumulate(s, ops.upload(ds, ds.length, 1));
  });
}

/** Norms below this count as this, so that a zero vector has cosine 0 and a finite gradient. */
const LEAST_NORM = 1e-8;

/** Cosine of the angle between rows: u [B,w], v [B,w] -> [B,1]. */
export function cosine<T>(tape: Tape<T>, u: TapeNode<T>, v: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  const [B, w] = ops.shape(u.value);
  const a = download(tape, u.value);
  const b = download(tape, v.value);
  const normU = rowNorms(a, B, w);
  const normV = rowNorms(b, B, w);
  const cos = new Float64Array(B);
  for (let i = 0; i < B; i++) {
    let dot = 0;
    for (let j = i * w; j < (i + 1) * w; j++) dot += a[j]! * b[j]!;
    cos[i] = dot / (normU[i]! * normV[i]!);
  }
  return tape.layer(ops.upload(cos, B, 1), [u, v], (dCos) => {
    const dy = download(tape, dCos);
    tape.accumulate(u, ops.upload(cosineGradient(a, b, normU, normV, cos, dy, w), B, w));
    tape.accumulate(v, ops.upload(cosineGradient(b, a, normV, normU, cos, dy, w), B, w));
  });
}

/** d cos / da = b / (|a| |b|) - cos a / |a|^2, times dy; the second part is absent below the least norm. */
function cosineGradient(
  a: Float64Array,
  b: Float64Array,
  normA: Float64Array,
  normB: Float64Array,
  cos: Float64Array,
  dy: Float64Array,
  w: number,
): Float64Array {
  const da = new Float64Array(a.length);
  for (let i = 0; i < dy.length; i++) {
    const n = normA[i]!;
    const across = dy[i]! / (n * normB[i]!);
    const along = n > LEAST_NORM ? (dy[i]! * cos[i]!) / (n * n) : 0;
    for (let j = i * w; j < (i + 1) * w; j++) da[j] = across * b[j]! - along * a[j]!;
  }
  return da;
}

function rowNorms(x: Float64Array, rows: number, width: number): Float64Array {
  const norms = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = i * width; j < (i + 1) * width; j++) sum += x[j]! * x[j]!;
    norms[i] = Math.max(Math.sqrt(sum), LEAST_NORM);
  }
  return norms;
}

/** Fields as columns, one row a sample and dimension: F matrices [B,d] -> [B d, F]. */
export function fieldColumns<T>(tape: Tape<T>, fields: readonly TapeNode<T>[]): TapeNode<T> {
  const { ops } = tape;
  const F = fields.length;
  const [B, d] = ops.shape(fields[0]!.value);
  const columns = new Float64Array(B * d * F);
  fields.forEach(({ value }, f) => {
    const field = download(tape, value);
    for (let i = 0; i < field.length; i++) columns[i * F + f] = field[i]!;
  });
  return tape.layer(ops.upload(columns, B * d, F), fields, (dy) => {
    const dColumns = download(tape, dy);
    fields.forEach((field, f) => {
      const dField = new Float64Array(B * d);
      for (let i = 0; i < dField.length; i++) dField[i] = dColumns[i * F + f]!;
      tape.accumulate(field, ops.upload(dField, B, d));
    });
  });
}
