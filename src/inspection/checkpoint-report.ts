import { dirname, join, resolve } from 'node:path';
import { type CheckpointManifest, listCheckpoints, nameOf, readCheckpoint, readManifest } from '../checkpoint/index.js';
import { DadinError, type NamedTensor } from '../core/index.js';
import type { EvaluationSummary } from '../evaluation/index.js';
import { noCheckpoint } from './locate-checkpoint.js';

export interface TensorReport {
  readonly name: string;
  /** Element type as numpy names it. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** One checkpoint, verified: every digest of its manifest holds. */
export interface CheckpointReport {
  readonly path: string;
  readonly manifest: CheckpointManifest;
  readonly metrics: EvaluationSummary;
  readonly model: readonly TensorReport[];
  readonly optimizer: readonly TensorReport[];
  readonly lineage: readonly Ancestor[];
}

/** A checkpoint that this one goes back to, youngest first. */
interface Ancestor {
  readonly number: number;
  /** null where its folder is no longer kept. */
  readonly step: number | null;
  readonly configDigest: string | null;
}

/** A checkpoint of a directory by its manifest alone; `damage` says why there is none. */
export type ListedCheckpoint =
  | { readonly path: string; readonly manifest: CheckpointManifest; readonly damage: null }
  | { readonly path: string; readonly manifest: null; readonly damage: string };

/** @throws DadinError DADIN_CHECKPOINT_UNREADABLE */
export async function reportCheckpoint(path: string): Promise<CheckpointReport> {
  const { manifest, learner } = await readCheckpoint(path);
  return {
    path,
    manifest,
    metrics: metricsOf(manifest),
    model: learner.model.map(describeTensor),
    optimizer: learner.optimizer.map(describeTensor),
    lineage: await lineageOf(path, manifest),
  };
}

/**
 * The checkpoints of a directory, oldest first; reads manifests, not tensors.
 *
 * @throws DadinError DADIN_CHECKPOINT_UNREADABLE where there is none
 */
export async function listDirectory(path: string): Promise<ListedCheckpoint[]> {
  const numbers = await listCheckpoints(path);
  if (numbers.length === 0) throw noCheckpoint(path);
  return await Promise.all(
    numbers.map(async (number): Promise<ListedCheckpoint> => {
      const folder = join(path, nameOf(number));
      try {
        return { path: folder, manifest: await readManifest(folder), damage: null };
      } catch (error) {
        if (error instanceof DadinError) return { path: folder, manifest: null, damage: error.message };
        throw error;
      }
    }),
  );
}

/** A checkpoint of this format holds the fold's evaluation summary. */
export function metricsOf(manifest: CheckpointManifest): EvaluationSummary {
  return manifest.metrics as EvaluationSummary;
}

export function sizeOf({ files }: CheckpointManifest): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}

async function lineageOf(path: string, manifest: CheckpointManifest): Promise<Ancestor[]> {
  const ancestors: Ancestor[] = [];
  const directory = dirname(resolve(path));
  for (let number = manifest.parent; number !== null; ) {
    const parent: CheckpointManifest | null = await readManifest(join(directory, nameOf(number))).catch(() => null);
    ancestors.push({ number, step: parent?.step ?? null, configDigest: parent?.configDigest ?? null });
    number = parent?.parent ?? null;
  }
  return ancestors;
}

function describeTensor({ name, shape, data }: NamedTensor): TensorReport {
  return { name, type: TYPE_NAMES[data.constructor.name] ?? data.constructor.name, shape, bytes: data.byteLength };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  Float32Array: 'float32',
  Float64Array: 'float64',
  Int32Array: 'int32',
  Uint8Array: 'uint8',
  Uint32Array: 'uint32',
};
