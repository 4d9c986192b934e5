/**
 * Speed of the fused kernel: products in GFLOP/s, and the operations of a training step in microseconds.
 * `npx tsx bench/kernel.ts` after `npm run build:kernel`. Every figure is the best of several short rounds.
 */
import { cpus, loadavg } from 'node:os';
import { type Ragged, SeededRandom } from '../src/core/index.js';
import { createFusedOps, type FusedMatrix } from '../src/kernel/fused-ops.js';

const ROUNDS = 60;
const ROUND_MS = 2;

const random = new SeededRandom(1);
const ops = await createFusedOps();

/** Microseconds a call. */
function time(work: () => void): number {
  const clock = (calls: number): number => {
    const begin = performance.now();
    for (let i = 0; i < calls; i++) ops.scope(work);
    return (1000 * (performance.now() - begin)) / calls;
  };
  clock(100); // until the compiler has optimized it
  const calls = Math.max(1, Math.round((1000 * ROUND_MS) / clock(10)));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, clock(calls));
  return best;
}

function matrix(rows: number, cols: number): FusedMatrix {
  const spread = 1 / Math.sqrt(cols);
  return ops.upload(
    Float32Array.from({ length: rows * cols }, () => spread * random.normal()),
    rows,
    cols,
  );
}

function histories(rows: number, length: number, items: number): Ragged {
  const splits = Int32Array.from({ length: rows + 1 }, (_, i) => i * length);
  return { splits, items: Int32Array.from({ length: rows * length }, () => random.below(items)) };
}

function products(): void {
  const shapes: [a: [number, number], b: [number, number], transposeA: boolean, transposeB: boolean][] = [
    [[640, 16], [16, 16], false, false],
    [[640, 16], [16, 16], false, true],
    [[640, 16], [640, 16], true, false],
    [[32, 64], [64, 32], false, false],
    [[32, 64], [32, 64], false, true],
    [[32, 64], [32, 32], true, false],
    [[640, 64], [64, 64], false, false],
    [[640, 64], [64, 64], false, true],
    [[640, 64], [640, 64], true, false],
    [[256, 512], [512, 128], false, false],
    [[256, 512], [128, 512], false, true],
    [[256, 512], [256, 128], true, false],
    [[1, 64], [32, 64], false, true],
    [[1, 512], [128, 512], false, true],
    [[512, 100], [1, 100], false, true],
  ];
  const rows = shapes.map(([a, b, transposeA, transposeB]) => {
    const [x, y] = [matrix(...a), matrix(...b)];
    const us = time(() => {
      ops.matmul(x, y, transposeA, transposeB);
    });
    const flop = 2 * a[0] * a[1] * (transposeB ? b[0] : b[1]);
    return {
      product: `[${a}]${transposeA ? "'" : ''} x [${b}]${transposeB ? "'" : ''}`,
      us: us.toFixed(2),
      'GFLOP/s': (flop / us / 1000).toFixed(1),
    };
  });
  console.table(rows);
}

/** A step's forward and backward operations with two histories of `length` places a row and hidden layers `H`. */
function step(B: number, d: number, length: number, H: readonly number[]): void {
  const items = Math.max(4, Math.round(B * length * 0.6));
  const x = {
    items: matrix(items, d),
    history: histories(B, length, items),
    q: matrix(B, d),
    p: matrix(B, d),
    W: matrix(d, 4 * d),
    h: matrix(1, d),
  };
  const attended = ops.attention(x);
  const y = {
    z4: matrix(B, 4 * d),
    V: matrix(3 * d, 4 * d),
    g: matrix(3, d),
    b: matrix(1, 3),
    bias: 'outside' as const,
  };
  const weighted = ops.interest(y);
  const m = ops.scaleBlocks(y.z4, weighted.weights);
  const c = matrix(1, 4);
  const layers = [d, ...H].slice(0, -1).map((k, i) => ({ W: matrix(H[i]!, k), bias: matrix(1, H[i]!) }));
  const inputs = [x.q];
  for (const { W, bias } of layers) inputs.push(ops.addBias(ops.matmul(inputs.at(-1)!, W, false, true), bias, true));
  const candidates = x.history.items.subarray(0, B);
  const work: Record<string, () => void> = {
    attention: () => ops.attention(x),
    attentionGrad: () => ops.attentionGrad(x, attended, x.q),
    interest: () => ops.interest(y),
    interestGrad: () => ops.interestGrad(y, weighted, weighted.weights),
    'scaleBlocks and gradient': () =>
      ops.scaleBlocksGrad(y.z4, weighted.weights, ops.scaleBlocks(y.z4, weighted.weights)),
    'biInteraction and gradient': () => ops.biInteractionGrad(m, c, ops.biInteraction(m, c)),
    'layers forward': () => {
      let a = x.q;
      for (const { W, bias } of layers) a = ops.addBias(ops.matmul(a, W, false, true), bias, true);
    },
    'layers backward': () => {
      let g = inputs.at(-1)!;
      for (let l = layers.length - 1; l >= 0; l--) {
        const dPre = ops.reluGrad(g, inputs[l + 1]!);
        ops.matmul(dPre, inputs[l]!, true, false);
        ops.sumRows(dPre);
        g = ops.matmul(dPre, layers[l]!.W, false, false);
      }
    },
    'gather and scatterAdd': () => ops.scatterAdd(ops.gather(x.items, candidates), candidates, items),
    'add [B,d]': () => ops.add(x.q, x.p),
    'upload [B,d]': uploadOf(B, d),
    'download [B,d]': downloadOf(x.q),
  };
  const us = Object.fromEntries(Object.entries(work).map(([name, fn]) => [name, time(fn)]));
  const twice = ['attention', 'attentionGrad', 'layers forward', 'layers backward'];
  let total = 0;
  for (const [name, value] of Object.entries(us)) total += twice.includes(name) ? 2 * value : value;
  console.log(`B ${B}, d ${d}, ${length} places a history, layers [${H}]`);
  console.table(Object.fromEntries(Object.entries(us).map(([name, value]) => [name, { us: value.toFixed(2) }])));
  console.log(`two histories and two towers: ${total.toFixed(0)} us, ${((1e6 * B) / total).toFixed(0)} samples/s\n`);
}

function uploadOf(rows: number, cols: number): () => void {
  const data = new Float32Array(rows * cols);
  return () => ops.upload(data, rows, cols);
}

function downloadOf(x: FusedMatrix): () => void {
  const into = new Float32Array(x.rows * x.cols);
  return () => ops.download(x, into);
}

console.log(`${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`);
products();
step(1, 16, 8, [64, 32, 16]);
step(32, 16, 8, [64, 32, 16]);
step(256, 16, 8, [64, 32, 16]);
step(512, 64, 10, [512, 128, 64]);
