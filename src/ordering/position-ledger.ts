import { bug, type Stateful, type StateValue } from '../core/index.js';
import type { PartitionStart } from './reorder-buffer.js';

interface PartitionPositions {
  /** Every position below is folded. */
  next: bigint;
  /** Folded positions at or above `next` with their event time (a disordered partition folds out of turn). */
  ahead: Map<bigint, number>;
  /** Newest event time below `next`. */
  maxTimeMs: number;
}

/**
 * Which records of each partition the fold has taken in. A checkpoint's positions are the next unread record of each
 * partition plus the few records beyond it that event-time order folded early, so a restart repeats and skips nothing.
 */
export class PositionLedger implements Stateful {
  #partitions = new Map<string, PartitionPositions>();
  #byIndex: PartitionPositions[] = [];

  /** Binds partition indexes of a source to names; names not seen before start at 0. */
  bind(names: readonly string[]): void {
    this.#byIndex = names.map((name) => {
      let positions = this.#partitions.get(name);
      if (positions === undefined) {
        positions = { next: 0n, ahead: new Map(), maxTimeMs: Number.NEGATIVE_INFINITY };
        this.#partitions.set(name, positions);
      }
      return positions;
    });
  }

  /** The record was folded or rejected. `timeMs` is -Infinity for a record that moves no watermark. */
  done(partition: number, position: bigint, timeMs: number): void {
    const p = this.#byIndex[partition] ?? bug(`position of unknown partition ${partition}`);
    if (position !== p.next) {
      if (position < p.next || p.ahead.has(position))
        bug(`position ${position} of partition ${partition} folded twice`);
      p.ahead.set(position, timeMs);
      return;
    }
    if (timeMs > p.maxTimeMs) p.maxTimeMs = timeMs;
    p.next++;
    while (p.ahead.size > 0) {
      const time = p.ahead.get(p.next);
      if (time === undefined) break;
      p.ahead.delete(p.next);
      if (time > p.maxTimeMs) p.maxTimeMs = time;
      p.next++;
    }
  }

  /** Next unread position of each bound partition. */
  next(): bigint[] {
    return this.#byIndex.map((p) => p.next);
  }

  starts(): PartitionStart[] {
    return this.#byIndex.map((p) => ({ maxTimeMs: p.maxTimeMs, done: new Set(p.ahead.keys()) }));
  }

  /** By name, for the manifest and `inspect`. */
  positions(): Record<string, string> {
    return Object.fromEntries([...this.#partitions].map(([name, p]) => [name, String(p.next)]));
  }

  snapshot(): StateValue {
    return [...this.#partitions].map(([name, p]) => ({
      name,
      next: p.next,
      maxTimeMs: p.maxTimeMs,
      ahead: [...p.ahead.keys()],
      aheadTimeMs: Float64Array.from(p.ahead.values()),
    }));
  }

  restore(state: StateValue): void {
    const entries = state as readonly {
      name: string;
      next: bigint;
      maxTimeMs: number;
      ahead: readonly bigint[];
      aheadTimeMs: Float64Array;
    }[];
    this.#partitions = new Map(
      entries.map((e) => [
        e.name,
        { next: e.next, maxTimeMs: e.maxTimeMs, ahead: new Map(e.ahead.map((a, i) => [a, e.aheadTimeMs[i]!])) },
      ]),
    );
  }
}
