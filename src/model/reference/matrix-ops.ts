import { hasShape, type ReferenceMatrix, sameShape, zeros } from './matrix.js';

/** [n,k] x [k,m] -> [n,m], with transposes as in `Ops.matmul`. Sums in the order of k. */
export function matmul(a: ReferenceMatrix, b: ReferenceMatrix, transposeA: boolean, transposeB: boolean) {
  const n = transposeA ? a.cols : a.rows;
  const k = transposeA ? a.rows : a.cols;
  const m = transposeB ? b.rows : b.cols;
  const inner = transposeB ? b.cols : b.rows;
  if (k !== inner) throw new RangeError(`matmul: inner sizes ${k} and ${inner} differ`);
  const [aRow, aStep] = transposeA ? [1, n] : [k, 1];
  const [bCol, bStep] = transposeB ? [k, 1] : [1, m];
  const y = zeros(n, m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += a.data[i * aRow + l * aStep]! * b.data[j * bCol + l * bStep]!;
      y.data[i * m + j] = sum;
    }
  }
  return y;
}

export function add(a: ReferenceMatrix, b: ReferenceMatrix): ReferenceMatrix {
  sameShape(a, b, 'add');
  const y = zeros(a.rows, a.cols);
  for (let i = 0; i < y.data.length; i++) y.data[i] = a.data[i]! + b.data[i]!;
  return y;
}

export function multiply(a: ReferenceMatrix, b: ReferenceMatrix): ReferenceMatrix {
  sameShape(a, b, 'multiply');
  const y = zeros(a.rows, a.cols);
  for (let i = 0; i < y.data.length; i++) y.data[i] = a.data[i]! * b.data[i]!;
  return y;
}

export function scale(a: ReferenceMatrix, factor: number): ReferenceMatrix {
  const y = zeros(a.rows, a.cols);
  for (let i = 0; i < y.data.length; i++) y.data[i] = a.data[i]! * factor;
  return y;
}

export function addBias(x: ReferenceMatrix, bias: ReferenceMatrix, relu: boolean): ReferenceMatrix {
  hasShape(bias, 1, x.cols, 'bias');
  const y = zeros(x.rows, x.cols);
  for (let i = 0, at = 0; i < x.rows; i++) {
    for (let j = 0; j < x.cols; j++, at++) {
      const value = x.data[at]! + bias.data[j]!;
      y.data[at] = relu ? Math.max(value, 0) : value;
    }
  }
  return y;
}

export function reluGrad(dy: ReferenceMatrix, y: ReferenceMatrix): ReferenceMatrix {
  sameShape(dy, y, 'reluGrad');
  const dx = zeros(y.rows, y.cols);
  for (let i = 0; i < dx.data.length; i++) dx.data[i] = y.data[i]! > 0 ? dy.data[i]! : 0;
  return dx;
}

export function tanh(x: ReferenceMatrix): ReferenceMatrix {
  const y = zeros(x.rows, x.cols);
  for (let i = 0; i < y.data.length; i++) y.data[i] = Math.tanh(x.data[i]!);
  return y;
}

export function tanhGrad(dy: ReferenceMatrix, y: ReferenceMatrix): ReferenceMatrix {
  sameShape(dy, y, 'tanhGrad');
  const dx = zeros(y.rows, y.cols);
  for (let i = 0; i < dx.data.length; i++) dx.data[i] = dy.data[i]! * (1 - y.data[i]! * y.data[i]!);
  return dx;
}

export function sumRows(x: ReferenceMatrix): ReferenceMatrix {
  const y = zeros(1, x.cols);
  for (let i = 0, at = 0; i < x.rows; i++) for (let j = 0; j < x.cols; j++, at++) y.data[j]! += x.data[at]!;
  return y;
}

export function concatColumns(parts: readonly ReferenceMatrix[]): ReferenceMatrix {
  const rows = parts[0]?.rows ?? 0;
  const cols = parts.reduce((sum, part) => sum + part.cols, 0);
  const y = zeros(rows, cols);
  let start = 0;
  for (const part of parts) {
    hasShape(part, rows, part.cols, 'part');
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < part.cols; j++) y.data[i * cols + start + j] = part.data[i * part.cols + j]!;
    }
    start += part.cols;
  }
  return y;
}

export function sliceColumns(x: ReferenceMatrix, start: number, width: number): ReferenceMatrix {
  if (start < 0 || start + width > x.cols) {
    throw new RangeError(`sliceColumns: [${start}, ${start + width}) of ${x.cols} columns`);
  }
  const y = zeros(x.rows, width);
  for (let i = 0; i < x.rows; i++) {
    for (let j = 0; j < width; j++) y.data[i * width + j] = x.data[i * x.cols + start + j]!;
  }
  return y;
}
