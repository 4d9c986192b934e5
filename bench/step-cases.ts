import type { StepCase, Work } from './contenders.js';
import { HIDDEN, HISTORY_LENGTH } from './contenders.js';

/**
 * Mean share of the places of both histories that are filled: on the synthetic stream `default` (200 000 events: target
 * .06, source .43), on MovieLens latest-small as two domains (.70 and .83), and full.
 */
const FILLS = [0.25, 0.76, 1];
/** Half full is what the goals of the small preset were set with. */
const SMALL_FILLS = [0.25, 0.5, 1];

/** The preset `small` at the batches of a stream, then the paper's size. */
export function stepCases(widths: readonly number[]): StepCase[] {
  const small = SMALL_FILLS.flatMap((fill) => [1, 32, 256].map((batch) => [16, batch, fill] as const));
  const paper = FILLS.flatMap((fill) => [256, 512, 2000].map((batch) => [64, batch, fill] as const));
  return [...small, ...paper]
    .filter(([width]) => widths.includes(width))
    .map(([width, batch, fill]) => ({
      ...{ width, batch, fill, hidden: HIDDEN[width]!, historyLength: HISTORY_LENGTH },
    }));
}

export interface Figure {
  readonly engine: string;
  readonly work: Work;
  readonly width: number;
  readonly batch: number;
  readonly fill: number;
  /** Best round. */
  readonly samplesPerSecond: number;
  /** Best round by processor time of all threads; above the other where the machine was busy with something else. */
  readonly samplesPerCpuSecond: number;
  /** Arithmetic of the matrix products alone, counted once for all engines. */
  readonly gflops: number;
}

/** What one case comes to: the product's best against PyTorch's best. */
export interface Ratio extends Pick<Figure, 'work' | 'width' | 'batch' | 'fill'> {
  readonly product: string;
  readonly peer: string;
  readonly bySeconds: number;
  /** By processor time, of those that are best by it: what to look at where the machine was busy. */
  readonly byCpuSeconds: number;
}

export const PEER = 'torch';

/** null where one of the two did not run. */
export function ratioOf(figures: readonly Figure[]): Ratio | null {
  const best = (peers: boolean, rate: 'samplesPerSecond' | 'samplesPerCpuSecond'): Figure | undefined =>
    figures.filter(({ engine }) => engine.startsWith(PEER) === peers).sort((a, b) => b[rate] - a[rate])[0];
  const [product, peer] = [best(false, 'samplesPerSecond'), best(true, 'samplesPerSecond')];
  const [productCpu, peerCpu] = [best(false, 'samplesPerCpuSecond'), best(true, 'samplesPerCpuSecond')];
  if (product === undefined || peer === undefined || productCpu === undefined || peerCpu === undefined) return null;
  const { work, width, batch, fill } = product;
  const rounded = (x: number): number => Number(x.toFixed(2));
  return {
    ...{ work, width, batch, fill, product: product.engine, peer: peer.engine },
    bySeconds: rounded(product.samplesPerSecond / peer.samplesPerSecond),
    byCpuSeconds: rounded(productCpu.samplesPerCpuSecond / peerCpu.samplesPerCpuSecond),
  };
}
