import { type CheckpointManifest, readCheckpoint } from '../checkpoint/index.js';
import { type Config, learningDifferences } from '../config/index.js';
import { DOMAINS, type Domain, type NamedTensor } from '../core/index.js';
import type { EvaluationSummary } from '../evaluation/index.js';
import { metricsOf } from './checkpoint-report.js';
import { distanceOf, type TableDistance, type TensorDistance, tableDistance } from './tensor-distance.js';
import { type ValueDifference, valueDifferences } from './value-differences.js';

interface ConfigDifference extends ValueDifference {
  /** Whether the model or the fold sees the key. */
  readonly learning: boolean;
}

export interface MetricDifference {
  readonly domain: Domain;
  readonly metric: string;
  readonly a: number | null;
  readonly b: number | null;
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
  readonly rows: TableDistance;
  /** Next record to read, where it differs; null: a partition that one does not know. */
  readonly positions: readonly { readonly partition: string; readonly a: string | null; readonly b: string | null }[];
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
  const rows = tableDistance('embedding.rows', rowsOf(modelA), rowsOf(modelB));
  if (rows.distance !== null) distances.push(rows.distance);
  else if (rows.both > 0) incomparable.push('embedding.rows of another width');
  return {
    a: a.manifest,
    b: b.manifest,
    config: configDifferences(a.manifest.config, b.manifest.config),
    metrics: metricDifferences(metricsOf(a.manifest), metricsOf(b.manifest)),
    distances,
    incomparable,
    rows,
    positions: positionDifferences(a.manifest, b.manifest),
  };
}

/** Keys whose values differ, by path, those that change learning first. */
function configDifferences(a: unknown, b: unknown): ConfigDifference[] {
  const learning = new Set(learningDifferences(a as Config, b));
  const isLearning = (key: string) => [...learning].some((path) => key === path || key.startsWith(`${path}.`));
  return valueDifferences(a, b)
    .sort((x, y) => (x.key < y.key ? -1 : 1))
    .map((difference) => ({ ...difference, learning: isLearning(difference.key) }))
    .sort((x, y) => Number(y.learning) - Number(x.learning));
}

const METRICS = ['auc', 'logLoss', 'ne', 'calibration', 'ece', 'rows', 'positives'] as const;

export function metricDifferences(a: EvaluationSummary, b: EvaluationSummary): MetricDifference[] {
  return DOMAINS.flatMap((domain) => {
    const [left, right] = [a[domain], b[domain]];
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

function rowsOf(model: Tensors) {
  return { ids: model.get('embedding.ids')!.data, rows: model.get('embedding.rows')! };
}

function positionDifferences({ positions: a }: CheckpointManifest, { positions: b }: CheckpointManifest) {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((partition) => a[partition] !== b[partition])
    .map((partition) => ({ partition, a: a[partition] ?? null, b: b[partition] ?? null }));
}

function shapeText(tensor: NamedTensor | undefined): string {
  return tensor === undefined ? 'none' : `[${tensor.shape.join(', ')}]`;
}
