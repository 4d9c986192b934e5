import { bug } from '../core/index.js';

/** A row-major float32 matrix in the kernel's memory, valid until the scope that made it returns. */
export class FusedMatrix {
  /** Byte address. */
  readonly pointer: number;
  readonly rows: number;
  readonly cols: number;

  constructor(pointer: number, rows: number, cols: number) {
    this.pointer = pointer;
    this.rows = rows;
    this.cols = cols;
  }
}

/** The next multiple of 4: vectors hold four floats. */
export function roundUp(count: number): number {
  return (count + 3) & ~3;
}

/** Bytes of the whole vectors that hold a matrix. */
export function vectorBytes(x: FusedMatrix): number {
  return 4 * roundUp(x.rows * x.cols);
}

/** Bytes of a [k,m] matrix in the kernel's panels. */
export function packedBytes(k: number, m: number): number {
  return 4 * k * roundUp(m);
}

export function expectShape(operation: string, x: FusedMatrix, rows: number, cols: number): void {
  if (x.rows !== rows || x.cols !== cols) bug(`${operation}: [${x.rows},${x.cols}], expected [${rows},${cols}]`);
}
