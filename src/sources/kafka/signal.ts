/** Something that waiters are told of, all at once. */
export class Signal {
  #waiting: (() => void)[] = [];

  raise(): void {
    for (const told of this.#waiting.splice(0)) told();
  }

  /** Resolves at the next `raise`, or after `withinMs`. */
  async next(withinMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
