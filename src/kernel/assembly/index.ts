// What the kernel exports. Arguments are byte addresses into the one linear memory, a multiple of 16 for matrices, and
// counts. Matrices are row-major f32 without gaps between rows. Loads may read up to 60 bytes past a matrix, stores never.
export { adam, within } from './adam';
export { add, addBias, clear, copyColumns, multiply, reluGrad, scale, sumRows, tanh, tanhGrad } from './elementwise';
export { attention } from './attention';
export { attentionGrad } from './attention-grad';
export { bag, bagGrad, findOutside, gather, scatterAdd } from './gather';
export { biInteraction, biInteractionGrad, scaleBlocks, scaleBlocksGrad } from './bi-interaction';
export { interest, interestGrad } from './interest';
export { matmul } from './product';
