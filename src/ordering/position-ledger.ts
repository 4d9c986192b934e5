import { bug, type SourcePartition, type Stateful, type StateValue } from '../core/index.js';
import type { PartitionStart } from './reorder-buffer.js';

interface PartitionPositions {
  /** Every position below is folded. */
  next: bigint;
  /** Folded positions at or above `next` with their event time (a disordered partition folds out of turn). */
  ahead: Map<bigint, number>;
  /** Ranges at or above `next` where nothing stands, first position -> one beyond the last. Met again after a restart. */
  gaps: Map<bigint, bigint>;
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
  #names: readonly string[] = [];

  /** Binds partition indexes of a source to names; one not seen before begins at its start. */
  bind(partitions: readonly Pick<SourcePartition, 'name' | 'start'>[]): void {
    this.#names = partitions.map(({ name }) => name);
    this.#byIndex = partitions.map(({ name, start = 0n }) => {
      let positions = this.#partitions.get(name);
      if (positions === undefined) {
        positions = { next: start, ahead: new Map(), gaps: new Map(), maxTimeMs: Number.NEGATIVE_INFINITY };
        this.#partitions.set(name, positions);
      }
      return positions;
    });
  }

  /** The record was folded or rejected. `timeMs` is -Infinity for a record that moves no watermark. */
  done(partition: number, position: bigint, timeMs: number): void {
    const p = this.#of(partition);
    if (position !== p.next) {
      if (position < p.next || p.ahead.has(position))
        bug(`position ${position} of partition ${partition} folded twice`);
      p.ahead.set(position, timeMs);
      return;
    }
    if (timeMs > p.maxTimeMs) p.maxTimeMs = timeMs;
    p.next++;
    if (p.ahead.size > 0 || p.gaps.size > 0) catchUp(p);
  }

  /** Nothing stands from `from` to just before `to`; told in the order of reading. */
  skip(partition: number, from: bigint, to: bigint): void {
    const p = this.#of(partition);
    p.gaps.set(from, to);
    if (from === p.next) catchUp(p);
  }

  nameOf(partition: number): string {
    return this.#names[partition] ?? bug(`name of unknown partition ${partition}`);
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
        {
          next: e.next,
          maxTimeMs: e.maxTimeMs,
          ahead: new Map(e.ahead.map((a, i) => [a, e.aheadTimeMs[i]!])),
          gaps: new Map(),
        },
      ]),
    );
  }

  #of(partition: number): PartitionPositions {
    return this.#byIndex[partition] ?? bug(`position of unknown partition ${partition}`);
  }
}

/** Moves `next` over everything that is done or empty. */
function catchUp(p: PartitionPositions): void {
  for (;;) {
    const beyond = p.gaps.get(p.next);
    if (beyond !== undefined) {
      p.gaps.delete(p.next);
      // folded before a compaction took them away
      for (const [position, time] of p.ahead) {
        if (position >= beyond) continue;
        p.ahead.delete(position);
        if (time > p.maxTimeMs) p.maxTimeMs = time;
      }
      p.next = beyond;
      continue;
    }
    const time = p.ahead.get(p.next);
    if (time === undefined) return;
    p.ahead.delete(p.next);
    if (time > p.maxTimeMs) p.maxTimeMs = time;
    p.next++;
  }
}
