import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The C++ addon of @tensorflow/tfjs-node 4.22.0, as far as it is used here: one TensorFlow eager context, tensors known
 * by number. Internal to that package (hence the exact version). Without the layers above it an operation costs 6 us
 * instead of 15, and loading takes no tensor library.
 */
export interface NativeBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_Version: string;
  /** The array's memory is shared where TensorFlow can: hand over a copy. int64 takes pairs of int32. */
  createTensor(shape: readonly number[], type: number, data: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array;
  executeOp(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): { id: number; shape: number[] }[];
}

export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string;
}

/** As the ordinary installation and `npm run native` lay it down. */
const ADDON = '@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node';

/**
 * Sets what TensorFlow reads from the environment, where the user did not: no banner, one thread (two threads are slower
 * at the batch sizes of a stream), oneDNN's products (up to 2.5 times faster than Eigen's). Only the main thread's environment reaches it, and only before it is loaded.
 */
export function setNativeEnvironment(): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
  process.env['OMP_NUM_THREADS'] ??= '1';
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
}

/** The addon, or why there is none. `.native/` (npm run native) comes first, then the ordinary dependency. */
export function loadNativeBinding(): NativeBinding | { readonly missing: string } {
  setNativeEnvironment();
  let missing = '';
  for (const origin of [join(packageRoot(), '.native', 'package.json'), import.meta.url]) {
    try {
      return createRequire(origin)(ADDON) as NativeBinding;
    } catch (error) {
      missing = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    }
  }
  return { missing };
}

/** This file lies in src/training or in dist/src/training. */
function packageRoot(): string {
  const above = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
  return basename(above) === 'dist' ? dirname(above) : above;
}
