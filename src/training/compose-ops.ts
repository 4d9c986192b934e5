import type { Ops } from '../core/index.js';
import type { BasicOps } from './basic-ops.js';
import { attention, attentionGrad } from './composite-attention.js';
import { biInteraction, biInteractionGrad, scaleBlocks, scaleBlocksGrad } from './composite-blocks.js';
import { interest, interestGrad } from './composite-interest.js';

/** Gives a tensor library's elementary operations the composed ones, which makes the whole of `Ops`. */
export function composeOps<T>(basic: BasicOps<T>): Ops<T> & BasicOps<T> {
  const composed: Omit<Ops<T>, keyof BasicOps<T>> = {
    attention: (input) => attention(basic, input),
    attentionGrad: (input, output, dPooled) => attentionGrad(basic, input, output, dPooled),
    interest: (input) => interest(basic, input),
    interestGrad: (input, output, dWeights) => interestGrad(basic, input, output, dWeights),
    scaleBlocks: (z4, v) => scaleBlocks(basic, z4, v),
    scaleBlocksGrad: (z4, v, dm) => scaleBlocksGrad(basic, z4, v, dm),
    biInteraction: (m, c) => biInteraction(basic, m, c),
    biInteractionGrad: (m, c, dz) => biInteractionGrad(basic, m, c, dz),
  };
  return Object.assign(basic, composed);
}
