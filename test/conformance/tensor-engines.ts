import type { BackendName } from '../../src/training/backend.js';
import { loadNativeBinding } from '../../src/training/native-binding.js';

const native = loadNativeBinding();
if ('missing' in native) {
  console.warn(
    `SKIPPED: every test of native TensorFlow, which is not here (${native.missing}). Run \`npm run native\`.`,
  );
}

/** The tensor libraries on this machine. */
export const TENSOR_ENGINES: readonly BackendName[] = 'missing' in native ? ['tfjs-wasm'] : ['tfjs-node', 'tfjs-wasm'];
