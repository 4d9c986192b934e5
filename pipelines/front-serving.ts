import type { Serving, ServingPart, StateValue } from '../src/core/index.js';
import { type LinearLearner, UnpublishedWeights } from '../src/linear/index.js';
import type { ClickStatistics } from '../src/statistics/index.js';

/** What a model version takes from the front half: click statistics and linear weights, where there are any. */
export class FrontServing implements Serving {
  readonly #statistics: ClickStatistics | null;
  readonly #linear: UnpublishedWeights | null;

  constructor(statistics: ClickStatistics | null, linear: LinearLearner | null) {
    this.#statistics = statistics;
    this.#linear = linear === null ? null : new UnpublishedWeights(linear);
  }

  /** All parts whole as soon as one must be. */
  serving(whole: string | null): ServingPart {
    const parts = this.#parts(whole);
    const wholeBecause = parts.find((part) => part.wholeBecause !== null)?.wholeBecause ?? whole;
    if (wholeBecause !== whole) return this.serving(wholeBecause);
    return {
      tensors: parts.flatMap(({ tensors }) => tensors),
      tables: parts.flatMap(({ tables }) => tables),
      wholeBecause,
    };
  }

  published(): void {
    this.#statistics?.published();
    this.#linear?.published();
  }

  /** What is known of changes: goes with a checkpoint, is no part of any digest. */
  snapshot(): StateValue {
    return {
      statistics: this.#statistics?.snapshotPublishing() ?? null,
      linear: this.#linear?.snapshot() ?? null,
    };
  }

  /** After the parts themselves were restored. */
  restore(state: StateValue): void {
    const { statistics, linear } = state as { statistics: StateValue; linear: StateValue };
    this.#statistics?.restorePublishing(statistics);
    this.#linear?.restore(linear);
  }

  #parts(whole: string | null): ServingPart[] {
    return [this.#statistics, this.#linear].flatMap((part) => part?.serving(whole) ?? []);
  }
}
