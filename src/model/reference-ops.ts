import type { FloatArray, Ops } from '../core/index.js';
import { attention, attentionGrad } from './reference/attention.js';
import { biInteraction, biInteractionGrad, scaleBlocks, scaleBlocksGrad } from './reference/interaction.js';
import { interest, interestGrad } from './reference/interest.js';
import type { ReferenceMatrix } from './reference/matrix.js';
import {
  add,
  addBias,
  concatColumns,
  matmul,
  multiply,
  reluGrad,
  scale,
  sliceColumns,
  sumRows,
  tanh,
  tanhGrad,
} from './reference/matrix-ops.js';
import { bag, bagGrad, gather, scatterAdd } from './reference/ragged-ops.js';

export type { ReferenceMatrix } from './reference/matrix.js';

/** Plain float64 loops, written to be read: the oracle that every engine is compared with. */
export function createReferenceOps(): Ops<ReferenceMatrix> {
  return {
    name: 'reference',
    scope: (fn) => fn(),
    shape: (x) => [x.rows, x.cols],
    upload(data, rows, cols) {
      if (data.length !== rows * cols) throw new RangeError(`upload: ${data.length} numbers for [${rows},${cols}]`);
      return { rows, cols, data: Float64Array.from(data) };
    },
    download<A extends FloatArray>(x: ReferenceMatrix, into: A): A {
      if (into.length !== x.data.length) throw new RangeError(`download: ${x.data.length} numbers into ${into.length}`);
      into.set(x.data);
      return into;
    },
    matmul,
    add,
    multiply,
    scale,
    addBias,
    reluGrad,
    tanh,
    tanhGrad,
    sumRows,
    concatColumns,
    sliceColumns,
    gather,
    scatterAdd,
    bag,
    bagGrad,
    attention,
    attentionGrad,
    interest,
    interestGrad,
    scaleBlocks,
    scaleBlocksGrad,
    biInteraction,
    biInteractionGrad,
  };
}
