import { buildBatch } from '../batching/index.js';
import { bug, DadinError, type Sample, type ServingPart } from '../core/index.js';
import { FeatureHasher } from '../features/index.js';
import { servedLogit } from '../join/index.js';
import { createFusedOps, type FusedOps } from '../kernel/fused-ops.js';
import { RowCollector } from '../training/engine-rows.js';
import type { VersionManifest, VersionRef } from '../versions/index.js';
import { samplesOf } from './describe-sample.js';
import type { ScoreAnswer, ScoreRequest } from './score-request.js';
import type { ScorerOptions } from './scorer-options.js';
import { ScoringTables } from './scoring-tables.js';

export interface LoadedVersion extends VersionRef {
  readonly manifest: VersionManifest;
}

/**
 * Scores with the newest verified version. Versions change between two calls of `score`, never within one, and each answer
 * names the one that gave it. On the fused kernel the bits are those of the learner's.
 */
export class Scorer {
  readonly #ops: FusedOps;
  readonly #hasher: FeatureHasher;
  readonly #collector = new RowCollector();
  #options: ScorerOptions | null = null;
  #optionsText = '';
  #tables: ScoringTables | null = null;
  #version: LoadedVersion | null = null;
  #embeddings = new Float32Array(0);

  private constructor(ops: FusedOps, hasher: FeatureHasher) {
    this.#ops = ops;
    this.#hasher = hasher;
  }

  /** Loads the kernel. @throws DadinError DADIN_BACKEND_UNAVAILABLE */
  static async create(): Promise<Scorer> {
    return new Scorer(await createFusedOps(), await FeatureHasher.create());
  }

  /** The version in use; null before the first. */
  get version(): LoadedVersion | null {
    return this.#version;
  }

  /** @throws DadinError DADIN_USAGE before the first version */
  score(request: ScoreRequest): ScoreAnswer {
    return this.scoreAll([request])[0]!;
  }

  /** Several requests in one pass of the kernel, with the bits that each has alone. */
  scoreAll(requests: readonly ScoreRequest[]): ScoreAnswer[] {
    const [tables, options, version] = [this.#tables, this.#options, this.#version];
    if (tables === null || options === null || version === null) {
      throw new DadinError('DADIN_USAGE', 'there is no model version yet', {
        step: 'score',
        remedy: 'wait for the first one that the subscription gives',
        retryable: true,
      });
    }
    const samples = requests.map((request) => samplesOf(request, this.#hasher, options));
    const all = this.#logits(tables, samples.flat()).map((logit) => servedLogit(logit, options.trainedSpace));
    let from = 0;
    return samples.map(({ length }) => {
      const logits = all.slice(from, from + length);
      from += length;
      const probabilities = Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
      return { version: version.number, digest: version.digest, logits, probabilities };
    });
  }

  /**
   * Takes in a version: a full one, or changes of the one in use.
   * @throws DadinError DADIN_VERSION_UNREADABLE, with nothing changed
   */
  load(version: LoadedVersion, part: ServingPart): void {
    const { kind, parent, scorer } = version.manifest;
    if (kind === 'delta' && parent?.digest !== this.#version?.digest)
      bug('changes of another version than the one in use');
    const text = JSON.stringify(scorer);
    if (this.#tables === null || text !== this.#optionsText) {
      if (kind === 'delta') bug('a delta under other options than its parent');
      const options = scorer as ScorerOptions;
      const tables = new ScoringTables(options, (length) => this.#ops.adam.floats(length));
      tables.apply(part);
      this.#tables = tables;
      this.#options = options;
      this.#optionsText = text;
    } else {
      this.#tables.apply(part);
    }
    this.#version = version;
  }

  /** What a full version of the state in use holds: to prove that deltas led to it. */
  whole(wholeBecause: string): ServingPart {
    return (this.#tables ?? bug('nothing is loaded')).whole(wholeBecause);
  }

  #logits(tables: ScoringTables, samples: readonly Sample[]): Float32Array {
    if (samples.length === 0) return new Float32Array(0);
    const batch = buildBatch(samples.map((sample) => tables.freeze(sample)));
    const found = this.#collector.collect(batch, (id) => tables.rows.rowOf(id));
    const embeddingRows = Math.max(1, found.rows.length);
    const length = embeddingRows * tables.model.rowWidth;
    if (length > this.#embeddings.length) this.#embeddings = new Float32Array(2 * length);
    const embeddings = this.#embeddings.subarray(0, length);
    if (found.rows.length === 0) embeddings.fill(0);
    else tables.rows.read(found.rows, embeddings);
    const { userFeatures, itemFeatures } = found;
    return tables.model.logits(this.#ops, tables.flat, {
      batch,
      embeddings,
      embeddingRows,
      userFeatures,
      itemFeatures,
    });
  }
}
