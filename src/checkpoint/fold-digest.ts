import { createHash } from 'node:crypto';
import type { LearnerState, StateValue } from '../core/index.js';
import { encodeState } from './state-codec.js';

/**
 * Running digest of everything that was scored and learned, turn by turn: h(k+1) = SHA-256(h(k) | turn). Unlike a
 * streaming hash its state is 32 bytes, so it lives in the checkpoint.
 */
export class RunningDigest {
  #hash: Uint8Array = new Uint8Array(32);

  add(...parts: readonly (Float64Array | Float32Array | Uint8Array)[]): void {
    const hash = createHash('sha256').update(this.#hash);
    for (const part of parts) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    this.#hash = hash.digest();
  }

  snapshot(): StateValue {
    return Uint8Array.from(this.#hash);
  }

  restore(state: StateValue): void {
    this.#hash = Uint8Array.from(state as Uint8Array);
  }
}

/** Digest of the whole fold: the learner's tensors and state, and the front half without positions and log names. */
export function foldDigest(fold: StateValue, learner: LearnerState): string {
  const hash = createHash('sha256');
  for (const { name, shape, data } of [...learner.model, ...learner.optimizer]) {
    hash.update(`${name}[${shape}]`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  hash.update(encodeState(learner.rest));
  hash.update(encodeState(fold));
  return hash.digest('hex');
}
