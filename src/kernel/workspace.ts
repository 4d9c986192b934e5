import { bug, type Ragged } from '../core/index.js';
import type { Arena } from './arena.js';
import type { KernelExports } from './kernel-exports.js';
import { FusedMatrix, vectorBytes } from './matrix.js';

/** The kernel with the memory that it works in. */
export class Workspace {
  readonly kernel: KernelExports;
  readonly arena: Arena;

  constructor(kernel: KernelExports, arena: Arena) {
    this.kernel = kernel;
    this.arena = arena;
  }

  /** A matrix of arbitrary content. */
  make(rows: number, cols: number): FusedMatrix {
    return new FusedMatrix(this.arena.allocate(4 * rows * cols), rows, cols);
  }

  zeros(rows: number, cols: number): FusedMatrix {
    const x = this.make(rows, cols);
    this.kernel.clear(x.pointer, vectorBytes(x));
    return x;
  }

  /** Address of a copy, on top of the arena: the caller takes it back. */
  integers(values: Int32Array): number {
    const pointer = this.arena.allocate(4 * values.length);
    this.arena.ints.set(values, pointer >> 2);
    return pointer;
  }

  /** As `integers`, for numbers of rows of a matrix with `rows` rows. */
  rowNumbers(operation: string, values: Int32Array, rows: number): number {
    const pointer = this.integers(values);
    const outside = this.kernel.findOutside(pointer, values.length, rows);
    if (outside >= 0) bug(`${operation}: row ${values[outside]} of ${rows}`);
    return pointer;
  }
}

/** Length of the longest list; the lists must lie one after the other and fill `items`. */
export function longestList(operation: string, lists: Ragged, n: number): number {
  const { splits, items } = lists;
  if (splits.length !== n + 1 || splits[0] !== 0 || splits[n] !== items.length) {
    bug(`${operation}: ${splits.length} splits up to ${splits.at(-1)} for ${n} rows and ${items.length} items`);
  }
  let longest = 0;
  for (let i = 0; i < n; i++) {
    const length = splits[i + 1]! - splits[i]!;
    if (length < 0) bug(`${operation}: splits fall at row ${i}`);
    if (length > longest) longest = length;
  }
  return longest;
}
