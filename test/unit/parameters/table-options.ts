import type { EmbeddingTableOptions } from '../../../src/parameters/index.js';

export const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
export const ADAGRAD = { kind: 'adagrad', epsilon: 1e-8, decay: 1 } as const;

export function tableOptions(changes: Partial<EmbeddingTableOptions> = {}): EmbeddingTableOptions {
  return {
    width: 2,
    seed: 1,
    initStd: 0.05,
    optimizer: ADAM,
    maxRows: 1_000_000,
    admitAfter: { user: 1, itemTarget: 1, itemSource: 1, shared: 1 },
    ttlMs: { user: null, itemTarget: null, itemSource: null, shared: null },
    ...changes,
  };
}
