import { journalPath } from '../src/checkpoint/index.js';
import type { Config } from '../src/config/index.js';
import type { EncodedVersion, KeptVersion, VersionSink } from '../src/versions/index.js';
import { replay } from './replay.js';
import { resolvePath } from './resolve-path.js';

export interface Certificate {
  /** Numbers of the versions that came out of the log again with the same bytes. */
  readonly proven: readonly number[];
  /** Numbers of those that came out otherwise, or not at all. */
  readonly failed: readonly number[];
}

/**
 * Proves that versions come from the log: learns it again under the configuration and compares every version made with the
 * one that is kept. Ends at the newest of them; writes nothing.
 */
export async function certify(
  config: Config,
  versions: readonly KeptVersion[],
  baseDirectory: string,
  notice: (message: string) => void,
): Promise<Certificate> {
  const stop = new AbortController();
  const { directory } = config.checkpoint;
  const sink = new ComparingSink(versions, () => stop.abort());
  await replay(withoutOutputs(config), {
    baseDirectory,
    resume: 'never',
    stop: stop.signal,
    versions: sink,
    // what a live run decided
    ...(directory === null ? {} : { journal: journalPath(resolvePath(directory, baseDirectory)) }),
    observer: { started() {}, turn() {}, notice },
  });
  const proven = versions.map(({ number }) => number).filter((number) => sink.proven.has(number));
  return { proven, failed: versions.map(({ number }) => number).filter((number) => !sink.proven.has(number)) };
}

/** Learns alone: no checkpoints, no files, no topics but those of versions. */
export function withoutOutputs(config: Config): Config {
  return {
    ...config,
    checkpoint: { ...config.checkpoint, directory: null },
    sinks: {
      deadLetters: null,
      predictions: null,
      metrics: null,
      kafka: { ...config.sinks.kafka, metricsTopic: null, predictionsTopic: null, deadLetterTopic: null },
    },
  };
}

/** Takes versions as an empty place would, keeps none, and compares them by digest. */
class ComparingSink implements VersionSink {
  readonly name = 'the comparison';
  readonly proven = new Set<number>();
  readonly #expected: ReadonlyMap<number, string>;
  readonly #newest: number;
  readonly #done: () => void;

  constructor(versions: readonly KeptVersion[], done: () => void) {
    this.#expected = new Map(versions.map(({ number, digest }) => [number, digest]));
    this.#newest = versions.at(-1)?.number ?? 0;
    this.#done = done;
  }

  async kept(): Promise<readonly KeptVersion[]> {
    return [];
  }

  async write({ number, digest }: EncodedVersion): Promise<void> {
    if (this.#expected.get(number) === digest) this.proven.add(number);
    if (number >= this.#newest) this.#done();
  }

  async retire(): Promise<void> {}

  async pinned(): Promise<null> {
    return null;
  }

  async pin(): Promise<void> {}

  async close(): Promise<void> {}
}
