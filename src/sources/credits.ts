import { Observable } from 'rxjs';

/**
 * A count of things that may be under way at once. RxJS has no back-pressure: `from(asyncIterable)` reads without bound.
 * Whoever starts something takes a credit first; whoever finishes it gives the credit back.
 */
export class Credits {
  readonly #total: number;
  #free: number;
  #takers: (() => void)[] = [];
  #drainers: (() => void)[] = [];

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  async take(): Promise<void> {
    if (this.#free > 0 && this.#takers.length === 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => this.#takers.push(resolve));
  }

  give(): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker();
      return;
    }
    this.#free++;
    if (this.#free > this.#total) throw new RangeError('a credit was given back twice');
    if (this.#free === this.#total) for (const drained of this.#drainers.splice(0)) drained();
  }

  /** Resolves when nothing is under way. */
  async drained(): Promise<void> {
    if (this.#free === this.#total) return;
    await new Promise<void>((resolve) => this.#drainers.push(resolve));
  }
}

/**
 * Emits what `read` yields, one item a credit, until it yields null. Never reads ahead of its credit: the consumer gives
 * it back when it has worked an item off.
 */
export function creditBounded<T>(read: () => Promise<T | null>, credits: Credits): Observable<T> {
  return new Observable<T>((subscriber) => {
    const pump = async (): Promise<void> => {
      while (!subscriber.closed) {
        await credits.take();
        if (subscriber.closed) return;
        const item = await read();
        if (item === null) {
          credits.give();
          subscriber.complete();
          return;
        }
        subscriber.next(item);
      }
    };
    pump().catch((error: unknown) => subscriber.error(error));
  });
}
