import type { Config } from '../src/config/index.js';
import type { EvaluationSummary } from '../src/evaluation/index.js';
import { listDirectory } from '../src/inspection/checkpoint-report.js';
import { type KeptVersion, readRefused, VersionDirectory, type VersionManifest } from '../src/versions/index.js';
import { createVersionReader, refusedDirectory, type VersionPlaces } from './publishing.js';
import { resolvePath } from './resolve-path.js';

/** A checkpoint or a model version, as a list shows it. */
export interface ListedVersion {
  readonly name: string;
  /** Name of the one that it goes back to; null for the first. */
  readonly parent: string | null;
  readonly step: number;
  readonly eventTimeMs: number | null;
  /** Rolling AUC when it was written; null where a class was missing. */
  readonly aucTarget: number | null;
  readonly aucSource: number | null;
  readonly note: string | null;
}

/**
 * What lies in the run's directories, or its topic of model versions, now, oldest first; empty where none is configured or
 * none is there yet. A topic is read from its beginning, which takes seconds.
 */
export async function keptVersions(
  config: Config,
  places: VersionPlaces,
): Promise<{ readonly checkpoints: ListedVersion[]; readonly models: ListedVersion[] }> {
  const { checkpoint, publish } = config;
  const { baseDirectory } = places;
  const refusedIn = refusedDirectory(config, baseDirectory);
  const [checkpoints, models, refused] = await Promise.all([
    checkpoint.directory === null ? [] : listedCheckpoints(resolvePath(checkpoint.directory, baseDirectory)),
    publish.topic === null ? listedFolder(config, baseDirectory) : listedTopic(config, publish.topic, places),
    refusedIn === null ? [] : listedRefused(refusedIn),
  ]);
  return { checkpoints, models: [...models, ...refused] };
}

async function listedCheckpoints(path: string): Promise<ListedVersion[]> {
  const listed = await listDirectory(path).catch(() => []); // none yet
  return listed.flatMap(({ manifest, damage }) =>
    manifest === null
      ? [{ name: 'damaged', parent: null, step: 0, eventTimeMs: null, aucTarget: null, aucSource: null, note: damage }]
      : [
          {
            name: `checkpoint ${manifest.number}`,
            parent: manifest.parent === null ? null : String(manifest.parent),
            step: manifest.step,
            eventTimeMs: manifest.eventTimeMs,
            ...aucs(manifest.metrics),
            note: manifest.migratedFrom === undefined ? null : `migrated from ${manifest.migratedFrom.checkpoint}`,
          },
        ],
  );
}

async function listedFolder({ publish }: Config, baseDirectory: string): Promise<ListedVersion[]> {
  if (publish.directory === null) return [];
  return listedModels(await new VersionDirectory(resolvePath(publish.directory, baseDirectory)).kept());
}

async function listedTopic(config: Config, topic: string, places: VersionPlaces): Promise<ListedVersion[]> {
  const reader = await createVersionReader(config, topic, places);
  try {
    return listedModels(await reader.kept());
  } finally {
    await reader.close();
  }
}

function listedModels(kept: readonly KeptVersion[]): ListedVersion[] {
  return kept.map(({ number, manifest }) => listedModel(`model ${number}`, manifest, manifest.kind));
}

async function listedRefused(path: string): Promise<ListedVersion[]> {
  const refused = await readRefused(path);
  return refused.map(({ manifest }) => listedModel('refused', manifest, manifest.refused?.join('; ') ?? null));
}

function listedModel(name: string, manifest: VersionManifest, note: string | null): ListedVersion {
  const { parent, step, eventTimeMs, metrics } = manifest;
  return { name, parent: parent === null ? null : String(parent.number), step, eventTimeMs, ...aucs(metrics), note };
}

/** This product writes the evaluation's summary into its manifests. */
function aucs(metrics: unknown): Pick<ListedVersion, 'aucTarget' | 'aucSource'> {
  const { target, source } = metrics as EvaluationSummary;
  return { aucTarget: target.window.auc, aucSource: source.window.auc };
}
