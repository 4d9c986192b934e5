/** Messages under way, taken in the order of arrival, then of sending: a binary heap. */
export class ArrivalQueue<T extends { readonly arrivalMs: number; readonly sequence: number }> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  peek(): T | undefined {
    return this.#heap[0];
  }

  push(message: T): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(message);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!precedes(message, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = message;
  }

  pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const moved = heap.pop();
    if (heap.length === 0 || moved === undefined) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && precedes(heap[child + 1]!, heap[child]!)) child++;
      if (!precedes(heap[child]!, moved)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moved;
    return first;
  }
}

type Key = { readonly arrivalMs: number; readonly sequence: number };

function precedes(a: Key, b: Key): boolean {
  return a.arrivalMs !== b.arrivalMs ? a.arrivalMs < b.arrivalMs : a.sequence < b.sequence;
}
