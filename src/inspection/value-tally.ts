/** Distinct values kept to be counted; beyond it a tally is a lower bound. */
const MAX_DISTINCT = 200_000;

/** How often something had a value, and how many different ones. */
export class ValueTally {
  /** Rows that had a value. */
  filled = 0;
  readonly values = new Set<string>();

  add(values: readonly string[]): void {
    this.filled++;
    for (const value of values) if (this.values.size < MAX_DISTINCT) this.values.add(value);
  }

  get distinct(): number {
    return this.values.size;
  }

  /** More distinct values than are kept. */
  get isFull(): boolean {
    return this.values.size >= MAX_DISTINCT;
  }

  examples(count: number): string[] {
    return [...this.values.keys()].slice(0, count);
  }
}
