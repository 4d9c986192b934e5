import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { DadinError, type Ops } from '../core/index.js';
import { createFusedOps } from '../kernel/fused-ops.js';
import type { AdamLoop } from '../parameters/index.js';
import { composeOps } from './compose-ops.js';
import { loadNativeBinding } from './native-binding.js';
import { NativeOps } from './native-ops.js';
import { WasmOps } from './wasm-ops.js';

export type BackendName = 'fused' | 'tfjs-node' | 'tfjs-wasm';
export type BackendChoice = 'auto' | BackendName;

/** An engine that works in this thread. */
export interface Backend {
  readonly ops: Ops<unknown>;
  readonly backend: BackendName;
  /** What its bits depend on: digests compare only between equal settings. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** Where it steps dense weights itself. */
  readonly adam?: AdamLoop;
  /** Why this one: for the log. */
  readonly reason: string;
  /** Matrices alive now. */
  liveTensors(): number;
}

type Loaded = Omit<Backend, 'reason'>;
type Missing = { readonly missing: string };

const LOADERS: Readonly<Record<BackendName, () => Promise<Loaded | Missing>>> = {
  fused: loadFused,
  'tfjs-node': loadNative,
  'tfjs-wasm': loadWasm,
};

/** The widest embedding at which the fused kernel leads; above, native matrix products do (design measurements). */
const FUSED_UP_TO_WIDTH = 32;

/**
 * Loads an engine. One asked for by name is loaded or the call fails; `auto` takes the first that loads of those that
 * suit `embeddingWidth`, and says why in `reason`.
 *
 * @throws DadinError DADIN_BACKEND_UNAVAILABLE
 */
export async function loadBackend(choice: BackendChoice, embeddingWidth: number): Promise<Backend> {
  const order = choice === 'auto' ? preference(embeddingWidth) : [choice];
  const refused: string[] = [];
  for (const name of order) {
    const loaded = await LOADERS[name]();
    if (!('missing' in loaded)) {
      const why = choice === 'auto' ? `first choice that loads at embedding width ${embeddingWidth}` : 'asked for';
      return { ...loaded, reason: [why, ...refused].join('; ') };
    }
    refused.push(`${name} is not available (${loaded.missing})`);
  }
  throw new DadinError('DADIN_BACKEND_UNAVAILABLE', refused.join('; '), {
    step: 'train',
    got: choice,
    remedy: order.includes('tfjs-node')
      ? '`npm run native` builds native TensorFlow; or choose another backend, or `auto`'
      : '`npm run build` compiles the kernel; or choose another backend, or `auto`',
  });
}

function preference(embeddingWidth: number): readonly BackendName[] {
  return embeddingWidth <= FUSED_UP_TO_WIDTH
    ? ['fused', 'tfjs-node', 'tfjs-wasm']
    : ['tfjs-node', 'fused', 'tfjs-wasm'];
}

async function loadFused(): Promise<Loaded | Missing> {
  try {
    const ops = await createFusedOps();
    // between scopes the kernel's memory holds no matrix
    return { ops, adam: ops.adam, backend: 'fused', settings: { simd: 'plain' }, liveTensors: () => 0 };
  } catch (error) {
    if (error instanceof DadinError && error.code === 'DADIN_BACKEND_UNAVAILABLE') return { missing: error.message };
    throw error;
  }
}

async function loadNative(): Promise<Loaded | Missing> {
  const binding = loadNativeBinding();
  if ('missing' in binding) return binding;
  const ops = composeOps(new NativeOps(binding));
  const adam = await kernelAdam();
  return {
    ops,
    ...(adam === null ? {} : { adam }),
    backend: 'tfjs-node',
    settings: {
      tensorflow: binding.TF_Version,
      intraOpThreads: process.env['TF_NUM_INTRAOP_THREADS'] ?? 'default',
      oneDnn: process.env['TF_ENABLE_ONEDNN_OPTS'] ?? 'default',
      adam: adam === null ? 'plain' : 'kernel',
    },
    liveTensors: () => ops.liveTensors(),
  };
}

/** The fused kernel's vectors step dense weights five times faster than plain loops do; null where it is not built. */
async function kernelAdam(): Promise<AdamLoop | null> {
  const loaded = await loadFused();
  return 'missing' in loaded ? null : (loaded.adam ?? null);
}

async function loadWasm(): Promise<Loaded | Missing> {
  try {
    const tf = await import('@tensorflow/tfjs-core');
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
    const started = await withProcessListenersKept(() => tf.setBackend('wasm'));
    if (!started) return { missing: 'the WebAssembly backend does not start' };
    const ops = composeOps(new WasmOps(tf));
    return {
      ops,
      backend: 'tfjs-wasm',
      settings: { tfjs: wasm.version_wasm, simd: String(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) },
      liveTensors: () => ops.liveTensors(),
    };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

/** The module compiled to WebAssembly hangs itself into the process, and would answer any crash by printing its source. */
async function withProcessListenersKept<R>(work: () => Promise<R>): Promise<R> {
  const emitter: EventEmitter = process;
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => new Set(emitter.listeners(event)));
  const result = await work();
  events.forEach((event, i) => {
    for (const listener of emitter.listeners(event)) {
      if (!before[i]!.has(listener)) emitter.removeListener(event, listener as () => void);
    }
  });
  return result;
}
