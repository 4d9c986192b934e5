import {
  type AttentionGrad,
  type AttentionInput,
  type AttentionOutput,
  bug,
  type FloatArray,
  type InterestGrad,
  type InterestInput,
  type InterestOutput,
  type Ops,
  type Ragged,
} from '../core/index.js';
import { Arena } from './arena.js';
import { FusedAdam } from './fused-adam.js';
import { attention, attentionGrad } from './fused-attention.js';
import { interest, interestGrad } from './fused-interest.js';
import { loadKernel } from './kernel-exports.js';
import { expectShape, FusedMatrix, packedBytes, vectorBytes } from './matrix.js';
import { longestList, Workspace } from './workspace.js';

export type { FusedMatrix } from './matrix.js';

/** The `fused` engine: loads the kernel into a memory of its own. Throws DADIN_BACKEND_UNAVAILABLE where it is not built. */
export async function createFusedOps(): Promise<FusedOps> {
  const arena = new Arena();
  return new FusedOps(new Workspace(await loadKernel(arena.memory), arena));
}

/**
 * Operations in plain WebAssembly SIMD: the same bits on every machine, and a row of matmul (transposeA false), of the
 * elementwise operations, bag, attention and interest has the same bits alone and in any batch. One thread.
 */
export class FusedOps implements Ops<FusedMatrix> {
  readonly name = 'fused';
  /** Steps weights that lie in the kernel's memory. */
  readonly adam: FusedAdam;
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.adam = new FusedAdam(workspace);
  }

  scope<R>(fn: () => R): R {
    const mark = this.#workspace.arena.top;
    try {
      return fn();
    } finally {
      this.#workspace.arena.top = mark;
    }
  }

  shape(x: FusedMatrix): readonly [rows: number, cols: number] {
    return [x.rows, x.cols];
  }

  /** What lies in the kernel's memory already, see `adam`, is not copied: leave it alone until the scope ends. */
  upload(data: FloatArray, rows: number, cols: number): FusedMatrix {
    if (data.length !== rows * cols) bug(`upload: ${data.length} values for [${rows},${cols}]`);
    if (this.#workspace.arena.owns(data)) return new FusedMatrix(data.byteOffset, rows, cols);
    const x = this.#workspace.make(rows, cols);
    this.#workspace.arena.floats.set(data, x.pointer >> 2);
    return x;
  }

  download<A extends FloatArray>(x: FusedMatrix, into: A): A {
    const size = x.rows * x.cols;
    if (into.length !== size) bug(`download: [${x.rows},${x.cols}] into ${into.length} values`);
    if (this.#workspace.arena.owns(into)) {
      this.#workspace.kernel.copyColumns(x.pointer, 0, into.byteOffset, 0, 1, size);
      return into;
    }
    const start = x.pointer >> 2;
    into.set(this.#workspace.arena.floats.subarray(start, start + size));
    return into;
  }

  matmul(a: FusedMatrix, b: FusedMatrix, transposeA: boolean, transposeB: boolean): FusedMatrix {
    const n = transposeA ? a.cols : a.rows;
    const k = transposeA ? a.rows : a.cols;
    const m = transposeB ? b.rows : b.cols;
    if (k !== (transposeB ? b.cols : b.rows)) {
      bug(`matmul: [${a.rows},${a.cols}]${transposeA ? "'" : ''} x [${b.rows},${b.cols}]${transposeB ? "'" : ''}`);
    }
    const c = this.#workspace.make(n, m);
    const mark = this.#workspace.arena.top;
    const scratch = this.#workspace.arena.allocate(packedBytes(k, m));
    this.#workspace.kernel.matmul(a.pointer, b.pointer, c.pointer, n, k, m, +transposeA, +transposeB, scratch);
    this.#workspace.arena.top = mark;
    return c;
  }

  add(a: FusedMatrix, b: FusedMatrix): FusedMatrix {
    expectShape('add', b, a.rows, a.cols);
    const y = this.#workspace.make(a.rows, a.cols);
    this.#workspace.kernel.add(a.pointer, b.pointer, y.pointer, vectorBytes(a));
    return y;
  }

  multiply(a: FusedMatrix, b: FusedMatrix): FusedMatrix {
    expectShape('multiply', b, a.rows, a.cols);
    const y = this.#workspace.make(a.rows, a.cols);
    this.#workspace.kernel.multiply(a.pointer, b.pointer, y.pointer, vectorBytes(a));
    return y;
  }

  scale(a: FusedMatrix, factor: number): FusedMatrix {
    const y = this.#workspace.make(a.rows, a.cols);
    this.#workspace.kernel.scale(a.pointer, factor, y.pointer, vectorBytes(a));
    return y;
  }

  addBias(x: FusedMatrix, bias: FusedMatrix, relu: boolean): FusedMatrix {
    expectShape('addBias', bias, 1, x.cols);
    const y = this.#workspace.make(x.rows, x.cols);
    this.#workspace.kernel.addBias(x.pointer, bias.pointer, y.pointer, x.rows, x.cols, +relu);
    return y;
  }

  reluGrad(dy: FusedMatrix, y: FusedMatrix): FusedMatrix {
    expectShape('reluGrad', dy, y.rows, y.cols);
    const dx = this.#workspace.make(y.rows, y.cols);
    this.#workspace.kernel.reluGrad(dy.pointer, y.pointer, dx.pointer, vectorBytes(y));
    return dx;
  }

  tanh(x: FusedMatrix): FusedMatrix {
    const y = this.#workspace.make(x.rows, x.cols);
    this.#workspace.kernel.tanh(x.pointer, y.pointer, vectorBytes(x));
    return y;
  }

  tanhGrad(dy: FusedMatrix, y: FusedMatrix): FusedMatrix {
    expectShape('tanhGrad', dy, y.rows, y.cols);
    const dx = this.#workspace.make(y.rows, y.cols);
    this.#workspace.kernel.tanhGrad(dy.pointer, y.pointer, dx.pointer, vectorBytes(y));
    return dx;
  }

  sumRows(x: FusedMatrix): FusedMatrix {
    const y = this.#workspace.make(1, x.cols);
    this.#workspace.kernel.sumRows(x.pointer, y.pointer, x.rows, x.cols);
    return y;
  }

  concatColumns(parts: readonly FusedMatrix[]): FusedMatrix {
    const rows = parts[0]?.rows ?? bug('concatColumns: no parts');
    let cols = 0;
    for (const part of parts) {
      expectShape('concatColumns', part, rows, part.cols);
      cols += part.cols;
    }
    const y = this.#workspace.make(rows, cols);
    let to = y.pointer;
    for (const part of parts) {
      this.#workspace.kernel.copyColumns(part.pointer, 4 * part.cols, to, 4 * cols, rows, part.cols);
      to += 4 * part.cols;
    }
    return y;
  }

  sliceColumns(x: FusedMatrix, start: number, width: number): FusedMatrix {
    if (start < 0 || width < 0 || start + width > x.cols) bug(`sliceColumns: ${start} + ${width} of ${x.cols} columns`);
    const y = this.#workspace.make(x.rows, width);
    this.#workspace.kernel.copyColumns(x.pointer + 4 * start, 4 * x.cols, y.pointer, 4 * width, x.rows, width);
    return y;
  }

  gather(x: FusedMatrix, index: Int32Array): FusedMatrix {
    const y = this.#workspace.make(index.length, x.cols);
    const mark = this.#workspace.arena.top;
    this.#workspace.kernel.gather(
      x.pointer,
      this.#workspace.rowNumbers('gather', index, x.rows),
      y.pointer,
      index.length,
      x.cols,
    );
    this.#workspace.arena.top = mark;
    return y;
  }

  scatterAdd(dy: FusedMatrix, index: Int32Array, rows: number): FusedMatrix {
    expectShape('scatterAdd', dy, index.length, dy.cols);
    const out = this.#workspace.zeros(rows, dy.cols);
    const mark = this.#workspace.arena.top;
    const at = this.#workspace.rowNumbers('scatterAdd', index, rows);
    this.#workspace.kernel.scatterAdd(dy.pointer, at, out.pointer, index.length, dy.cols);
    this.#workspace.arena.top = mark;
    return out;
  }

  bag(x: FusedMatrix, bag: Ragged, mean: boolean): FusedMatrix {
    const n = bag.splits.length - 1;
    longestList('bag', bag, n);
    const y = this.#workspace.make(n, x.cols);
    const mark = this.#workspace.arena.top;
    const splits = this.#workspace.integers(bag.splits);
    const items = this.#workspace.rowNumbers('bag', bag.items, x.rows);
    this.#workspace.kernel.bag(x.pointer, splits, items, y.pointer, n, x.cols, +mean);
    this.#workspace.arena.top = mark;
    return y;
  }

  bagGrad(dy: FusedMatrix, bag: Ragged, rows: number, mean: boolean): FusedMatrix {
    longestList('bagGrad', bag, dy.rows);
    const out = this.#workspace.zeros(rows, dy.cols);
    const mark = this.#workspace.arena.top;
    const splits = this.#workspace.integers(bag.splits);
    const items = this.#workspace.rowNumbers('bagGrad', bag.items, rows);
    this.#workspace.kernel.bagGrad(dy.pointer, splits, items, out.pointer, dy.rows, dy.cols, +mean);
    this.#workspace.arena.top = mark;
    return out;
  }

  attention(input: AttentionInput<FusedMatrix>): AttentionOutput<FusedMatrix> {
    return attention(this.#workspace, input);
  }

  attentionGrad(
    input: AttentionInput<FusedMatrix>,
    output: AttentionOutput<FusedMatrix>,
    dPooled: FusedMatrix,
  ): AttentionGrad<FusedMatrix> {
    return attentionGrad(this.#workspace, input, output, dPooled);
  }

  interest(input: InterestInput<FusedMatrix>): InterestOutput<FusedMatrix> {
    return interest(this.#workspace, input);
  }

  interestGrad(
    input: InterestInput<FusedMatrix>,
    output: InterestOutput<FusedMatrix>,
    dWeights: FusedMatrix,
  ): InterestGrad<FusedMatrix> {
    return interestGrad(this.#workspace, input, output, dWeights);
  }

  scaleBlocks(z4: FusedMatrix, v: FusedMatrix): FusedMatrix {
    const d = quarter('scaleBlocks', z4);
    expectShape('scaleBlocks', v, z4.rows, 3);
    const m = this.#workspace.make(z4.rows, 4 * d);
    this.#workspace.kernel.scaleBlocks(z4.pointer, v.pointer, m.pointer, z4.rows, d);
    return m;
  }

  scaleBlocksGrad(z4: FusedMatrix, v: FusedMatrix, dm: FusedMatrix): { dz4: FusedMatrix; dv: FusedMatrix } {
    const d = quarter('scaleBlocksGrad', z4);
    expectShape('scaleBlocksGrad', v, z4.rows, 3);
    expectShape('scaleBlocksGrad', dm, z4.rows, 4 * d);
    const dz4 = this.#workspace.make(z4.rows, 4 * d);
    const dv = this.#workspace.make(z4.rows, 3);
    this.#workspace.kernel.scaleBlocksGrad(z4.pointer, v.pointer, dm.pointer, dz4.pointer, dv.pointer, z4.rows, d);
    return { dz4, dv };
  }

  biInteraction(m: FusedMatrix, c: FusedMatrix): FusedMatrix {
    const d = quarter('biInteraction', m);
    expectShape('biInteraction', c, 1, 4);
    const z = this.#workspace.make(m.rows, d);
    this.#workspace.kernel.biInteraction(m.pointer, c.pointer, z.pointer, m.rows, d);
    return z;
  }

  biInteractionGrad(m: FusedMatrix, c: FusedMatrix, dz: FusedMatrix): { dm: FusedMatrix; dc: FusedMatrix } {
    const d = quarter('biInteractionGrad', m);
    expectShape('biInteractionGrad', c, 1, 4);
    expectShape('biInteractionGrad', dz, m.rows, d);
    const dm = this.#workspace.make(m.rows, 4 * d);
    const dc = this.#workspace.make(1, 4);
    this.#workspace.kernel.biInteractionGrad(m.pointer, c.pointer, dz.pointer, dm.pointer, dc.pointer, m.rows, d);
    return { dm, dc };
  }
}

function quarter(operation: string, x: FusedMatrix): number {
  if (x.cols % 4 !== 0) bug(`${operation}: ${x.cols} columns are not four blocks`);
  return x.cols / 4;
}
