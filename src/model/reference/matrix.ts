/** A row-major float64 matrix of the reference engine. Never changed once made. */
export interface ReferenceMatrix {
  readonly rows: number;
  readonly cols: number;
  /** [rows * cols] */
  readonly data: Float64Array;
}

/** A matrix of zeros, to be filled by its maker. */
export function zeros(rows: number, cols: number): ReferenceMatrix {
  return { rows, cols, data: new Float64Array(rows * cols) };
}

export function sameShape(a: ReferenceMatrix, b: ReferenceMatrix, operation: string): void {
  if (a.rows !== b.rows || a.cols !== b.cols) {
    throw new RangeError(`${operation}: [${a.rows},${a.cols}] and [${b.rows},${b.cols}] differ`);
  }
}

export function hasShape(x: ReferenceMatrix, rows: number, cols: number, name: string): void {
  if (x.rows !== rows || x.cols !== cols) {
    throw new RangeError(`${name} is [${x.rows},${x.cols}], expected [${rows},${cols}]`);
  }
}
