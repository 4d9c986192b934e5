import { type CheckpointManifest, readCheckpoint } from '../checkpoint/index.js';
import { type Config, learningDifferences } from '../config/index.js';
import { DOMAINS, type Domain, type NamedTensor } from '../core/index.js';
import { metricsOf } from './checkpoint-report.js';

interface ConfigDifference {
  readonly key: string;
  /** Whether the model or the fold sees the key. */
  readonly learning: boolean;
  readonly a: unknown;
  readonly b: unknown;
}

interface MetricDifference {
  readonly domain: Domain;
  readonly metric: string;
  readonly a: number | null;
  readonly b: number | null;
}

/** How far a tensor of one shape in both moved. */
interface TensorDistance {
  readonly name: string;
  readonly values: number;
  /** Root of the mean squared difference. */
  readonly rms: number;
  /** Euclidean distance over the norm in A; null where that is 0. */
  readonly relative: number | null;
  readonly greatest: number;
}

export interface CheckpointDiff {
  readonly a: CheckpointManifest;
  readonly b: CheckpointManifest;
  readonly config: readonly ConfigDifference[];
  readonly metrics: readonly MetricDifference[];
  /** Dense tensors, then the embedding rows of ids that both have. */
  readonly distances: readonly TensorDistance[];
  /** Tensors that only one has, or that differ in shape. */
  readonly incomparable: readonly string[];
  readonly rows: { readonly both: number; readonly onlyA: number; readonly onlyB: number };
}

/** @throws DadinError DADIN_CHECKPOINT_UNREADABLE */
export async function diffCheckpoints(pathA: string, pathB: string): Promise<CheckpointDiff> {
  const a = await readCheckpoint(pathA);
  const b = await readCheckpoint(pathB);
  const [modelA, modelB] = [byName(a.learner.model), byName(b.learner.model)];
  const distances: TensorDistance[] = [];
  const incomparable: string[] = [];
  for (const name of new Set([...modelA.keys(), ...modelB.keys()])) {
    if (name.startsWith('embedding.')) continue;
    const [left, right] = [modelA.get(name), modelB.get(name)];
    if (left === undefined || right === undefined || String(left.shape) !== String(right.shape)) {
      incomparable.push(`${name} ${shapeText(left)} -> ${shapeText(right)}`);
    } else distances.push(distanceOf(name, left.data, right.data));
  }
  const rows = sharedRows(modelA, modelB);
  if (rows.left === null || rows.right === null) incomparable.push('embedding.rows of another width');
  else if (rows.both > 0) distances.push(distanceOf('embedding.rows', rows.left, rows.right));
  return {
    a: a.manifest,
    b: b.manifest,
    config: configDifferences(a.manifest.config, b.manifest.config),
    metrics: metricDifferences(a.manifest, b.manifest),
    distances,
    incomparable,
    rows: { both: rows.both, onlyA: rows.onlyA, onlyB: rows.onlyB },
  };
}

/** Keys whose values differ, by path, those that change learning first. */
function configDifferences(a: unknown, b: unknown): ConfigDifference[] {
  const learning = new Set(learningDifferences(a as Config, b));
  const isLearning = (key: string) => [...learning].some((path) => key === path || key.startsWith(`${path}.`));
  const [left, right] = [leaves(a, ''), leaves(b, '')];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((key) => JSON.stringify(left.get(key)) !== JSON.stringify(right.get(key)))
    .sort()
    .map((key) => ({ key, learning: isLearning(key), a: left.get(key) ?? null, b: right.get(key) ?? null }))
    .sort((x, y) => Number(y.learning) - Number(x.learning));
}

function leaves(value: unknown, path: string): Map<string, unknown> {
  const isSection = typeof value === 'object' && value !== null && !Array.isArray(value);
  const isListOfSections = Array.isArray(value) && value.some((entry) => typeof entry === 'object');
  if (!isSection && !isListOfSections) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [...leaves(inner, path === '' ? name : `${path}.${name}`)]),
  );
}

const METRICS = ['auc', 'logLoss', 'ne', 'calibration', 'ece', 'rows', 'positives'] as const;

function metricDifferences(a: CheckpointManifest, b: CheckpointManifest): MetricDifference[] {
  return DOMAINS.flatMap((domain) => {
    const [left, right] = [metricsOf(a)[domain], metricsOf(b)[domain]];
    return [
      ...METRICS.map((metric) => ({ domain, metric: metric as string, a: left[metric], b: right[metric] })),
      { domain, metric: 'window.auc', a: left.window.auc, b: right.window.auc },
    ];
  });
}

type Tensors = ReadonlyMap<string, NamedTensor>;

function byName(tensors: readonly NamedTensor[]): Tensors {
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

/** The rows of ids that both tables hold, in one order; null where the widths differ. */
function sharedRows(a: Tensors, b: Tensors) {
  const [idsA, idsB] = [a.get('embedding.ids')!.data, b.get('embedding.ids')!.data];
  const [rowsA, rowsB] = [a.get('embedding.rows')!, b.get('embedding.rows')!];
  const placeInB = new Map<number, number>();
  idsB.forEach((id, place) => {
    placeInB.set(id, place);
  });
  const pairs: (readonly [number, number])[] = [];
  idsA.forEach((id, place) => {
    const other = placeInB.get(id);
    if (other !== undefined) pairs.push([place, other]);
  });
  const width = rowsA.shape[1] ?? 0;
  const sameWidth = width === rowsB.shape[1];
  const pick = (rows: NamedTensor, side: 0 | 1): Float32Array | null => {
    if (!sameWidth) return null;
    const picked = new Float32Array(pairs.length * width);
    pairs.forEach((pair, i) => {
      picked.set(rows.data.subarray(pair[side] * width, (pair[side] + 1) * width), i * width);
    });
    return picked;
  };
  return {
    both: pairs.length,
    onlyA: idsA.length - pairs.length,
    onlyB: idsB.length - pairs.length,
    left: pick(rowsA, 0),
    right: pick(rowsB, 1),
  };
}

/** Arrays of one length, at least one value. */
function distanceOf(name: string, a: NamedTensor['data'], b: NamedTensor['data']): TensorDistance {
  let squares = 0;
  let norm = 0;
  let greatest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = b[i]! - a[i]!;
    squares += difference * difference;
    norm += a[i]! * a[i]!;
    greatest = Math.max(greatest, Math.abs(difference));
  }
  return {
    name,
    values: a.length,
    rms: Math.sqrt(squares / a.length),
    relative: norm === 0 ? null : Math.sqrt(squares / norm),
    greatest,
  };
}

function shapeText(tensor: NamedTensor | undefined): string {
  return tensor === undefined ? 'none' : `[${tensor.shape.join(', ')}]`;
}
