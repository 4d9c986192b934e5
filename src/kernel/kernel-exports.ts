import { readFile } from 'node:fs/promises';
import { DadinError } from '../core/index.js';

/** The exports of src/kernel/assembly/index.ts: byte addresses and counts; see there for the meaning of each argument. */
export interface KernelExports {
  adam(
    w: number,
    g: number,
    m: number,
    v: number,
    count: number,
    b1: number,
    c1: number,
    b2: number,
    c2: number,
    step: number,
    correction: number,
    epsilon: number,
  ): void;
  within(x: number, count: number, limit: number): number;
  add(a: number, b: number, to: number, bytes: number): void;
  multiply(a: number, b: number, to: number, bytes: number): void;
  scale(a: number, factor: number, to: number, bytes: number): void;
  reluGrad(dy: number, y: number, to: number, bytes: number): void;
  tanh(x: number, to: number, bytes: number): void;
  tanhGrad(dy: number, y: number, to: number, bytes: number): void;
  addBias(x: number, bias: number, to: number, n: number, m: number, rectify: number): void;
  sumRows(x: number, to: number, n: number, m: number): void;
  clear(to: number, bytes: number): void;
  copyColumns(from: number, fromRow: number, to: number, toRow: number, n: number, width: number): void;
  matmul(
    a: number,
    b: number,
    c: number,
    n: number,
    k: number,
    m: number,
    transposeA: number,
    transposeB: number,
    scratch: number,
  ): void;
  findOutside(index: number, count: number, rows: number): number;
  gather(x: number, index: number, to: number, count: number, d: number): void;
  scatterAdd(dy: number, index: number, out: number, count: number, d: number): void;
  bag(x: number, splits: number, items: number, to: number, n: number, d: number, mean: number): void;
  bagGrad(dy: number, splits: number, items: number, out: number, n: number, d: number, mean: number): void;
  attention(
    items: number,
    splits: number,
    list: number,
    q: number,
    p: number,
    w: number,
    h: number,
    act: number,
    beta: number,
    pooled: number,
    n: number,
    d: number,
    scratch: number,
  ): void;
  attentionGrad(
    items: number,
    splits: number,
    list: number,
    q: number,
    p: number,
    w: number,
    h: number,
    act: number,
    beta: number,
    dPooled: number,
    dItems: number,
    dq: number,
    dp: number,
    dW: number,
    dh: number,
    n: number,
    d: number,
    longest: number,
    scratch: number,
  ): void;
  interest(
    z4: number,
    V: number,
    g: number,
    b: number,
    inside: number,
    u: number,
    weights: number,
    slope: number,
    n: number,
    d: number,
    scratch: number,
  ): void;
  interestGrad(
    z4: number,
    V: number,
    g: number,
    inside: number,
    u: number,
    slope: number,
    dWeights: number,
    dz4: number,
    dV: number,
    dg: number,
    db: number,
    n: number,
    d: number,
    scratch: number,
  ): void;
  scaleBlocks(z4: number, v: number, to: number, n: number, d: number): void;
  scaleBlocksGrad(z4: number, v: number, dm: number, dz4: number, dv: number, n: number, d: number): void;
  biInteraction(m: number, c: number, to: number, n: number, d: number): void;
  biInteractionGrad(m: number, c: number, dz: number, dm: number, dc: number, n: number, d: number): void;
}

/** Next to this file in a build; run from the sources, in the build's folder. */
const PLACES = ['./dadin-kernel.wasm', '../../dist/src/kernel/dadin-kernel.wasm'];

/** Instantiates the kernel on `memory`. Throws DADIN_BACKEND_UNAVAILABLE where the kernel is not built. */
export async function loadKernel(memory: WebAssembly.Memory): Promise<KernelExports> {
  const module = await WebAssembly.compile(await readKernel());
  const abort = (): never => {
    throw new DadinError('DADIN_BUG', 'the kernel aborted', { step: 'kernel' });
  };
  const instance = await WebAssembly.instantiate(module, { env: { memory, abort } });
  return instance.exports as unknown as KernelExports;
}

async function readKernel(): Promise<Uint8Array<ArrayBuffer>> {
  let cause: unknown;
  for (const place of PLACES) {
    try {
      return new Uint8Array(await readFile(new URL(place, import.meta.url)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      cause = error;
    }
  }
  throw new DadinError('DADIN_BACKEND_UNAVAILABLE', 'the fused kernel is not built', {
    step: 'kernel',
    expected: PLACES.join(' or '),
    remedy: 'npm run build:kernel',
    cause,
  });
}
