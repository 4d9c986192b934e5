import type { RunReader } from './spilled-run.js';

/** Merges runs by (time, row) with a binary heap of their readers. */
export class RunMerge {
  readonly #heap: RunReader[] = [];

  /** The readers must not have been read from. */
  static async start(readers: readonly RunReader[]): Promise<RunMerge> {
    const merge = new RunMerge();
    for (const reader of readers) {
      await reader.fill();
      if (await advance(reader)) merge.#heap.push(reader);
    }
    for (let i = (merge.#heap.length >> 1) - 1; i >= 0; i--) merge.#sink(i);
    return merge;
  }

  /** The run whose current entry is the smallest not yet passed; null at the end. */
  get smallest(): RunReader | null {
    return this.#heap[0] ?? null;
  }

  /** Passes the current entry if the next one of its run is in memory; else `pass` must be awaited. */
  passNow(): boolean {
    if (!this.#heap[0]!.advance()) return false;
    this.#sink(0);
    return true;
  }

  async pass(): Promise<void> {
    const heap = this.#heap;
    if (!(await advance(heap[0]!))) {
      const last = heap.pop()!;
      if (heap.length === 0) return;
      heap[0] = last;
    }
    this.#sink(0);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const moved = heap[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && precedes(heap[child + 1]!, heap[child]!)) child++;
      if (!precedes(heap[child]!, moved)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moved;
  }
}

function precedes(a: RunReader, b: RunReader): boolean {
  return a.time < b.time || (a.time === b.time && a.row < b.row);
}

async function advance(reader: RunReader): Promise<boolean> {
  while (!reader.advance()) {
    if (!(await reader.fill())) return false;
  }
  return true;
}
