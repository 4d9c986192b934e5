import xxhash, { type XXHashAPI } from 'xxhash-wasm';
import { type CollisionReport, CollisionSample } from './collision-sample.js';
import { featureIdOfHash } from './feature-id.js';

/** Values remembered a field and generation; two generations. */
const CACHED_VALUES = 32_768;
const SAMPLED_FEATURES = 16_384;

/**
 * Features -> ids (see `featureIdOfHash`), with the ids of recent values of each field kept, so that a value met again
 * costs a look-up and no hashing. A pure function for its callers: nothing here belongs in a snapshot.
 */
export class FeatureHasher {
  readonly #api: XXHashAPI;
  /** By namespace, then field. */
  readonly #caches: Map<string, ValueCache>[] = [];
  readonly #collisions = new CollisionSample(SAMPLED_FEATURES);

  private constructor(api: XXHashAPI) {
    this.#api = api;
  }

  /** Compiles the hash function (WebAssembly). */
  static async create(): Promise<FeatureHasher> {
    return new FeatureHasher(await xxhash());
  }

  id(namespace: number, field: string, value: string): number {
    let fields = this.#caches[namespace];
    if (fields === undefined) {
      fields = new Map();
      this.#caches[namespace] = fields;
    }
    let cache = fields.get(field);
    if (cache === undefined) {
      cache = { young: new Map(), old: new Map() };
      fields.set(field, cache);
    }
    return cache.young.get(value) ?? this.#remember(cache, namespace, field, value);
  }

  /** How often two different features got the same id, measured on a bounded sample of those seen. */
  collisions(): CollisionReport {
    return this.#collisions.report();
  }

  #remember(cache: ValueCache, namespace: number, field: string, value: string): number {
    let id = cache.old.get(value);
    if (id === undefined) {
      id = featureIdOfHash(namespace, this.#api.h64(`${field}=${value}`));
      this.#collisions.add(id, field, value);
    }
    if (cache.young.size >= CACHED_VALUES) {
      cache.old = cache.young;
      cache.young = new Map();
    }
    cache.young.set(value, id);
    return id;
  }
}

interface ValueCache {
  young: Map<string, number>;
  old: Map<string, number>;
}
