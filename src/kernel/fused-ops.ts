import type {
  AttentionGrad,
  AttentionInput,
  AttentionOutput,
  FloatArray,
  InterestGrad,
  InterestInput,
  InterestOutput,
  Ops,
  Ragged,
} from '../core/index.js';
import { bug } from '../core/index.js';
import { Arena } from './arena.js';
import { type KernelExports, loadKernel } from './kernel-exports.js';

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

/** The `fused` engine: loads the kernel into a memory of its own. Throws DADIN_BACKEND_UNAVAILABLE where it is not built. */
export async function createFusedOps(): Promise<FusedOps> {
  const arena = new Arena();
  return new FusedOps(await loadKernel(arena.memory), arena);
}

/**
 * Operations in plain WebAssembly SIMD: the same bits on every machine, and a row of matmul (transposeA false), of the
 * elementwise operations, bag, attention and interest has the same bits alone and in any batch. One thread.
 */
export class FusedOps implements Ops<FusedMatrix> {
  readonly name = 'fused';
  readonly #kernel: KernelExports;
  readonly #arena: Arena;

  constructor(kernel: KernelExports, arena: Arena) {
    this.#kernel = kernel;
    this.#arena = arena;
  }

  scope<R>(fn: () => R): R {
    const mark = this.#arena.top;
    try {
      return fn();
    } finally {
      this.#arena.top = mark;
    }
  }

  shape(x: FusedMatrix): readonly [rows: number, cols: number] {
    return [x.rows, x.cols];
  }

  upload(data: FloatArray, rows: number, cols: number): FusedMatrix {
    if (data.length !== rows * cols) bug(`upload: ${data.length} values for [${rows},${cols}]`);
    const x = this.#make(rows, cols);
    this.#arena.floats.set(data, x.pointer >> 2);
    return x;
  }

  download<A extends FloatArray>(x: FusedMatrix, into: A): A {
    const size = x.rows * x.cols;
    if (into.length !== size) bug(`download: [${x.rows},${x.cols}] into ${into.length} values`);
    const start = x.pointer >> 2;
    into.set(this.#arena.floats.subarray(start, start + size));
    return into;
  }

  matmul(a: FusedMatrix, b: FusedMatrix, transposeA: boolean, transposeB: boolean): FusedMatrix {
    const n = transposeA ? a.cols : a.rows;
    const k = transposeA ? a.rows : a.cols;
    const m = transposeB ? b.rows : b.cols;
    if (k !== (transposeB ? b.cols : b.rows)) {
      bug(`matmul: [${a.rows},${a.cols}]${transposeA ? "'" : ''} x [${b.rows},${b.cols}]${transposeB ? "'" : ''}`);
    }
    const c = this.#make(n, m);
    const mark = this.#arena.top;
    const scratch = this.#arena.allocate(packedBytes(k, m));
    this.#kernel.matmul(a.pointer, b.pointer, c.pointer, n, k, m, +transposeA, +transposeB, scratch);
    this.#arena.top = mark;
    return c;
  }

  add(a: FusedMatrix, b: FusedMatrix): FusedMatrix {
    expectShape('add', b, a.rows, a.cols);
    const y = this.#make(a.rows, a.cols);
    this.#kernel.add(a.pointer, b.pointer, y.pointer, vectorBytes(a));
    return y;
  }

  multiply(a: FusedMatrix, b: FusedMatrix): FusedMatrix {
    expectShape('multiply', b, a.rows, a.cols);
    const y = this.#make(a.rows, a.cols);
    this.#kernel.multiply(a.pointer, b.pointer, y.pointer, vectorBytes(a));
    return y;
  }

  scale(a: FusedMatrix, factor: number): FusedMatrix {
    const y = this.#make(a.rows, a.cols);
    this.#kernel.scale(a.pointer, factor, y.pointer, vectorBytes(a));
    return y;
  }

  addBias(x: FusedMatrix, bias: FusedMatrix, relu: boolean): FusedMatrix {
    expectShape('addBias', bias, 1, x.cols);
    const y = this.#make(x.rows, x.cols);
    this.#kernel.addBias(x.pointer, bias.pointer, y.pointer, x.rows, x.cols, +relu);
    return y;
  }

  reluGrad(dy: FusedMatrix, y: FusedMatrix): FusedMatrix {
    expectShape('reluGrad', dy, y.rows, y.cols);
    const dx = this.#make(y.rows, y.cols);
    this.#kernel.reluGrad(dy.pointer, y.pointer, dx.pointer, vectorBytes(y));
    return dx;
  }

  tanh(x: FusedMatrix): FusedMatrix {
    const y = this.#make(x.rows, x.cols);
    this.#kernel.tanh(x.pointer, y.pointer, vectorBytes(x));
    return y;
  }

  tanhGrad(dy: FusedMatrix, y: FusedMatrix): FusedMatrix {
    expectShape('tanhGrad', dy, y.rows, y.cols);
    const dx = this.#make(y.rows, y.cols);
    this.#kernel.tanhGrad(dy.pointer, y.pointer, dx.pointer, vectorBytes(y));
    return dx;
  }

  sumRows(x: FusedMatrix): FusedMatrix {
    const y = this.#make(1, x.cols);
    this.#kernel.sumRows(x.pointer, y.pointer, x.rows, x.cols);
    return y;
  }

  concatColumns(parts: readonly FusedMatrix[]): FusedMatrix {
    const rows = parts[0]?.rows ?? bug('concatColumns: no parts');
    let cols = 0;
    for (const part of parts) {
      expectShape('concatColumns', part, rows, part.cols);
      cols += part.cols;
    }
    const y = this.#make(rows, cols);
    let to = y.pointer;
    for (const part of parts) {
      this.#kernel.copyColumns(part.pointer, 4 * part.cols, to, 4 * cols, rows, part.cols);
      to += 4 * part.cols;
    }
    return y;
  }

  sliceColumns(x: FusedMatrix, start: number, width: number): FusedMatrix {
    if (start < 0 || width < 0 || start + width > x.cols) bug(`sliceColumns: ${start} + ${width} of ${x.cols} columns`);
    const y = this.#make(x.rows, width);
    this.#kernel.copyColumns(x.pointer + 4 * start, 4 * x.cols, y.pointer, 4 * width, x.rows, width);
    return y;
  }

  gather(x: FusedMatrix, index: Int32Array): FusedMatrix {
    const y = this.#make(index.length, x.cols);
    const mark = this.#arena.top;
    this.#kernel.gather(x.pointer, this.#rowNumbers('gather', index, x.rows), y.pointer, index.length, x.cols);
    this.#arena.top = mark;
    return y;
  }

  scatterAdd(dy: FusedMatrix, index: Int32Array, rows: number): FusedMatrix {
    expectShape('scatterAdd', dy, index.length, dy.cols);
    const out = this.#zeros(rows, dy.cols);
    const mark = this.#arena.top;
    const at = this.#rowNumbers('scatterAdd', index, rows);
    this.#kernel.scatterAdd(dy.pointer, at, out.pointer, index.length, dy.cols);
    this.#arena.top = mark;
    return out;
  }

  bag(x: FusedMatrix, bag: Ragged, mean: boolean): FusedMatrix {
    const n = bag.splits.length - 1;
    longestList('bag', bag, n);
    const y = this.#make(n, x.cols);
    const mark = this.#arena.top;
    const splits = this.#integers(bag.splits);
    const items = this.#rowNumbers('bag', bag.items, x.rows);
    this.#kernel.bag(x.pointer, splits, items, y.pointer, n, x.cols, +mean);
    this.#arena.top = mark;
    return y;
  }

  bagGrad(dy: FusedMatrix, bag: Ragged, rows: number, mean: boolean): FusedMatrix {
    longestList('bagGrad', bag, dy.rows);
    const out = this.#zeros(rows, dy.cols);
    const mark = this.#arena.top;
    const splits = this.#integers(bag.splits);
    const items = this.#rowNumbers('bagGrad', bag.items, rows);
    this.#kernel.bagGrad(dy.pointer, splits, items, out.pointer, dy.rows, dy.cols, +mean);
    this.#arena.top = mark;
    return out;
  }

  /** `saved`: [relu(W x)], [N, d rounded up to 4]. */
  attention(input: AttentionInput<FusedMatrix>): AttentionOutput<FusedMatrix> {
    const { items, history, q, p, W, h } = input;
    const n = q.rows;
    const d = q.cols;
    expectAttention(input);
    longestList('attention', history, n);
    const padded = roundUp(d);
    const pooled = this.#make(n, d);
    const beta = this.#make(history.items.length, 1);
    const active = this.#make(history.items.length, padded);
    const mark = this.#arena.top;
    const splits = this.#integers(history.splits);
    const list = this.#rowNumbers('attention', history.items, items.rows);
    const scratch = this.#arena.allocate(4 * (5 * d + n + 1) * padded);
    // biome-ignore format: in the order of the kernel's arguments
    this.#kernel.attention(
      items.pointer, splits, list, q.pointer, p.pointer, W.pointer, h.pointer,
      active.pointer, beta.pointer, pooled.pointer, n, d, scratch,
    );
    this.#arena.top = mark;
    return { pooled, beta, saved: [active] };
  }

  attentionGrad(
    input: AttentionInput<FusedMatrix>,
    output: AttentionOutput<FusedMatrix>,
    dPooled: FusedMatrix,
  ): AttentionGrad<FusedMatrix> {
    const { items, history, q, p, W, h } = input;
    const n = q.rows;
    const d = q.cols;
    expectAttention(input);
    expectShape('attentionGrad', dPooled, n, d);
    const longest = longestList('attentionGrad', history, n);
    const padded = roundUp(d);
    const active = output.saved[0] ?? bug('attentionGrad: nothing saved');
    const dItems = this.#zeros(items.rows, d);
    const dq = this.#make(n, d);
    const dp = this.#make(n, d);
    const dW = this.#make(d, 4 * d);
    const dh = this.#make(1, d);
    const mark = this.#arena.top;
    const splits = this.#integers(history.splits);
    const list = this.#rowNumbers('attentionGrad', history.items, items.rows);
    const scratch = this.#arena.allocate(4 * (5 * d + n + 3 * longest + 2) * padded);
    // biome-ignore format: in the order of the kernel's arguments
    this.#kernel.attentionGrad(
      items.pointer, splits, list, q.pointer, p.pointer, W.pointer, h.pointer,
      active.pointer, output.beta.pointer, dPooled.pointer,
      dItems.pointer, dq.pointer, dp.pointer, dW.pointer, dh.pointer, n, d, longest, scratch,
    );
    this.#arena.top = mark;
    return { dItems, dq, dp, dW, dh };
  }

  /** `saved`: u [B,3d] and the weights' slopes [B,3]. */
  interest(input: InterestInput<FusedMatrix>): InterestOutput<FusedMatrix> {
    const { z4, V, g, b, bias } = input;
    const n = z4.rows;
    const d = g.cols;
    expectInterest(input);
    const u = this.#make(n, 3 * d);
    const weights = this.#make(n, 3);
    const slope = this.#make(n, 3);
    const mark = this.#arena.top;
    const scratch = this.#arena.allocate(packedBytes(4 * d, 3 * d));
    // biome-ignore format: in the order of the kernel's arguments
    this.#kernel.interest(
      z4.pointer, V.pointer, g.pointer, b.pointer, +(bias === 'inside'),
      u.pointer, weights.pointer, slope.pointer, n, d, scratch,
    );
    this.#arena.top = mark;
    return { weights, saved: [u, slope] };
  }

  interestGrad(
    input: InterestInput<FusedMatrix>,
    output: InterestOutput<FusedMatrix>,
    dWeights: FusedMatrix,
  ): InterestGrad<FusedMatrix> {
    const { z4, V, g, bias } = input;
    const n = z4.rows;
    const d = g.cols;
    expectInterest(input);
    expectShape('interestGrad', dWeights, n, 3);
    const u = output.saved[0] ?? bug('interestGrad: nothing saved');
    const slope = output.saved[1] ?? bug('interestGrad: nothing saved');
    const dz4 = this.#make(n, 4 * d);
    const dV = this.#make(3 * d, 4 * d);
    const dg = this.#make(3, d);
    const db = this.#make(1, 3);
    const mark = this.#arena.top;
    const scratch = this.#arena.allocate(4 * roundUp(3 * d * n) + packedBytes(3 * d, 4 * d));
    // biome-ignore format: in the order of the kernel's arguments
    this.#kernel.interestGrad(
      z4.pointer, V.pointer, g.pointer, +(bias === 'inside'), u.pointer, slope.pointer, dWeights.pointer,
      dz4.pointer, dV.pointer, dg.pointer, db.pointer, n, d, scratch,
    );
    this.#arena.top = mark;
    return { dz4, dV, dg, db };
  }

  scaleBlocks(z4: FusedMatrix, v: FusedMatrix): FusedMatrix {
    const d = quarter('scaleBlocks', z4);
    expectShape('scaleBlocks', v, z4.rows, 3);
    const m = this.#make(z4.rows, 4 * d);
    this.#kernel.scaleBlocks(z4.pointer, v.pointer, m.pointer, z4.rows, d);
    return m;
  }

  scaleBlocksGrad(z4: FusedMatrix, v: FusedMatrix, dm: FusedMatrix): { dz4: FusedMatrix; dv: FusedMatrix } {
    const d = quarter('scaleBlocksGrad', z4);
    expectShape('scaleBlocksGrad', v, z4.rows, 3);
    expectShape('scaleBlocksGrad', dm, z4.rows, 4 * d);
    const dz4 = this.#make(z4.rows, 4 * d);
    const dv = this.#make(z4.rows, 3);
    this.#kernel.scaleBlocksGrad(z4.pointer, v.pointer, dm.pointer, dz4.pointer, dv.pointer, z4.rows, d);
    return { dz4, dv };
  }

  biInteraction(m: FusedMatrix, c: FusedMatrix): FusedMatrix {
    const d = quarter('biInteraction', m);
    expectShape('biInteraction', c, 1, 4);
    const z = this.#make(m.rows, d);
    this.#kernel.biInteraction(m.pointer, c.pointer, z.pointer, m.rows, d);
    return z;
  }

  biInteractionGrad(m: FusedMatrix, c: FusedMatrix, dz: FusedMatrix): { dm: FusedMatrix; dc: FusedMatrix } {
    const d = quarter('biInteractionGrad', m);
    expectShape('biInteractionGrad', c, 1, 4);
    expectShape('biInteractionGrad', dz, m.rows, d);
    const dm = this.#make(m.rows, 4 * d);
    const dc = this.#make(1, 4);
    this.#kernel.biInteractionGrad(m.pointer, c.pointer, dz.pointer, dm.pointer, dc.pointer, m.rows, d);
    return { dm, dc };
  }

  #make(rows: number, cols: number): FusedMatrix {
    return new FusedMatrix(this.#arena.allocate(4 * rows * cols), rows, cols);
  }

  #zeros(rows: number, cols: number): FusedMatrix {
    const x = this.#make(rows, cols);
    this.#arena.floats.fill(0, x.pointer >> 2, (x.pointer >> 2) + rows * cols);
    return x;
  }

  /** Address of a copy, on top of the arena: the caller takes it back. */
  #integers(values: Int32Array): number {
    const pointer = this.#arena.allocate(4 * values.length);
    this.#arena.ints.set(values, pointer >> 2);
    return pointer;
  }

  /** As `#integers`, for numbers of rows of a matrix with `rows` rows. */
  #rowNumbers(operation: string, values: Int32Array, rows: number): number {
    const pointer = this.#integers(values);
    const outside = this.#kernel.findOutside(pointer, values.length, rows);
    if (outside >= 0) bug(`${operation}: row ${values[outside]} of ${rows}`);
    return pointer;
  }
}

function roundUp(count: number): number {
  return (count + 3) & ~3;
}

/** Bytes of the whole vectors that hold a matrix. */
function vectorBytes(x: FusedMatrix): number {
  return 4 * roundUp(x.rows * x.cols);
}

/** Bytes of a [k,m] matrix in the kernel's panels. */
function packedBytes(k: number, m: number): number {
  return 4 * k * roundUp(m);
}

function expectShape(operation: string, x: FusedMatrix, rows: number, cols: number): void {
  if (x.rows !== rows || x.cols !== cols) bug(`${operation}: [${x.rows},${x.cols}], expected [${rows},${cols}]`);
}

function expectAttention(input: AttentionInput<FusedMatrix>): void {
  const { items, q, p, W, h } = input;
  const d = q.cols;
  expectShape('attention items', items, items.rows, d);
  expectShape('attention p', p, q.rows, d);
  expectShape('attention W', W, d, 4 * d);
  expectShape('attention h', h, 1, d);
}

function expectInterest(input: InterestInput<FusedMatrix>): void {
  const { z4, V, g, b } = input;
  const d = g.cols;
  expectShape('interest z4', z4, z4.rows, 4 * d);
  expectShape('interest V', V, 3 * d, 4 * d);
  expectShape('interest g', g, 3, d);
  expectShape('interest b', b, 1, 3);
}

function quarter(operation: string, x: FusedMatrix): number {
  if (x.cols % 4 !== 0) bug(`${operation}: ${x.cols} columns are not four blocks`);
  return x.cols / 4;
}

/** Length of the longest list; the lists must lie one after the other and fill `items`. */
function longestList(operation: string, lists: Ragged, n: number): number {
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
