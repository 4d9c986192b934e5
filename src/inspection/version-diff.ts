import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DadinError, type NamedTensor } from '../core/index.js';
import type { EvaluationSummary } from '../evaluation/index.js';
import {
  chainTo,
  decodeServing,
  readVersionFolder,
  VersionDirectory,
  type VersionManifest,
} from '../versions/index.js';
import { type MetricDifference, metricDifferences } from './checkpoint-diff.js';
import { distanceOf, type TableDistance, type TensorDistance, tableDistance } from './tensor-distance.js';
import { type ValueDifference, valueDifferences } from './value-differences.js';

export interface VersionDiff {
  readonly a: VersionManifest;
  readonly b: VersionManifest;
  /** What scorers are built from, where it differs, by path. */
  readonly scorer: readonly ValueDifference[];
  readonly metrics: readonly MetricDifference[];
  readonly distances: readonly TensorDistance[];
  /** Tensors that only one has, or that differ in shape. */
  readonly incomparable: readonly string[];
  readonly tables: readonly TableDistance[];
}

/** A version whole: a delta with all that it goes back to. */
export interface WholeVersion {
  readonly manifest: VersionManifest;
  readonly digest: string;
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** By the name of its table and column: rows in the order of `ids`. */
  readonly columns: ReadonlyMap<string, { readonly ids: readonly number[]; readonly rows: NamedTensor }>;
}

/** Whether `path` is the folder of a model version, published or refused. */
export async function isVersion(path: string): Promise<boolean> {
  return await access(join(path, 'SHA256SUMS')).then(
    () => true,
    () => false,
  );
}

/** @throws DadinError DADIN_VERSION_UNREADABLE where a digest does not hold, or what a delta goes back to is not there */
export async function readWholeVersion(path: string): Promise<WholeVersion> {
  const goal = await readVersionFolder(path);
  const known = new Map<string, Awaited<ReturnType<typeof readVersionFolder>>>();
  if (goal.manifest.kind === 'delta') {
    for (const news of await new VersionDirectory(dirname(path)).poll())
      if ('version' in news) known.set(news.version.digest, news.version);
  }
  const chain = chainTo(goal, null, known);
  if (chain === null) throw unreachable(path);
  let tensors = new Map<string, NamedTensor>();
  const columns = new Map<string, { shape: readonly number[]; rows: Map<number, Float64Array> }>();
  for (const version of chain) {
    const part = decodeServing(await version.load(), version.manifest);
    if (part.wholeBecause !== null) columns.clear();
    tensors = new Map([...tensors, ...part.tensors.map((tensor) => [tensor.name, tensor] as const)]);
    for (const table of part.tables) {
      for (const { name, shape, data } of table.columns) {
        const key = `${table.name}.${name}`;
        const column = columns.get(key) ?? { shape, rows: new Map<number, Float64Array>() };
        columns.set(key, column);
        for (const id of table.removed) column.rows.delete(id);
        const width = shape[1] ?? 1;
        table.ids.forEach((id, i) => {
          column.rows.set(id, Float64Array.from(data.subarray(i * width, (i + 1) * width)));
        });
      }
    }
  }
  return {
    manifest: goal.manifest,
    digest: goal.digest,
    tensors,
    columns: new Map([...columns].map(([key, { shape, rows }]) => [key, inRows(key, shape, rows)])),
  };
}

export async function diffVersions(pathA: string, pathB: string): Promise<VersionDiff> {
  const a = await readWholeVersion(pathA);
  const b = await readWholeVersion(pathB);
  const distances: TensorDistance[] = [];
  const incomparable: string[] = [];
  for (const name of new Set([...a.tensors.keys(), ...b.tensors.keys()])) {
    const [left, right] = [a.tensors.get(name), b.tensors.get(name)];
    if (left !== undefined && right !== undefined && String(left.shape) === String(right.shape)) {
      if (left.data.length > 0) distances.push(distanceOf(name, left.data, right.data));
    } else incomparable.push(name);
  }
  const tables: TableDistance[] = [];
  for (const name of new Set([...a.columns.keys(), ...b.columns.keys()])) {
    const [left, right] = [a.columns.get(name), b.columns.get(name)];
    if (left === undefined || right === undefined) incomparable.push(name);
    else tables.push(tableDistance(name, left, right));
  }
  return {
    a: a.manifest,
    b: b.manifest,
    scorer: valueDifferences(a.manifest.scorer, b.manifest.scorer),
    metrics: metricDifferences(metricsIn(a.manifest), metricsIn(b.manifest)),
    distances,
    incomparable,
    tables,
  };
}

/** This product writes the evaluation's summary into its manifests. */
export function metricsIn({ metrics }: VersionManifest): EvaluationSummary {
  return metrics as EvaluationSummary;
}

function inRows(name: string, shape: readonly number[], rows: ReadonlyMap<number, Float64Array>) {
  const width = shape[1] ?? 1;
  const data = new Float64Array(rows.size * width);
  let at = 0;
  for (const row of rows.values()) {
    data.set(row, at);
    at += width;
  }
  return { ids: [...rows.keys()], rows: { name, shape: [rows.size, width], data } };
}

function unreachable(path: string): DadinError {
  return new DadinError('DADIN_VERSION_GAP', `${path} is a delta, and not all that it goes back to is kept beside it`, {
    step: 'inspect',
    remedy: 'inspect a version whose chain is whole, or a full one',
  });
}
