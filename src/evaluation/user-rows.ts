export interface UserRow {
  readonly logit: number;
  readonly label: 0 | 1;
}

/** A few rows of one user with their AUC, kept up to date by counting pairs: O(rows) a change. */
export class UserRows {
  /** float32 values */
  readonly #logits: number[] = [];
  readonly #labels: (0 | 1)[] = [];
  #positives = 0;
  /** Twice the pairs (positive, negative) in right order, ties counted once: an integer. */
  #twiceU = 0;

  get size(): number {
    return this.#logits.length;
  }

  /** Null where a class is missing. */
  get auc(): number | null {
    const pairs = this.#positives * (this.#logits.length - this.#positives);
    return pairs === 0 ? null : this.#twiceU / (2 * pairs);
  }

  /** Puts a row at place `at`, at most `size`, instead of the one there. */
  put(at: number, logit: number, label: 0 | 1): void {
    if (at < this.#logits.length) {
      this.#twiceU -= this.#twiceWins(at);
      this.#positives -= this.#labels[at]!;
    }
    this.#logits[at] = Math.fround(logit);
    this.#labels[at] = label;
    this.#positives += label;
    this.#twiceU += this.#twiceWins(at);
  }

  /** Flips the label of a row that equals these; without one it does nothing. */
  relabel(logit: number, label: 0 | 1): void {
    const score = Math.fround(logit);
    for (let i = 0; i < this.#logits.length; i++) {
      if (this.#logits[i] !== score || this.#labels[i] !== label) continue;
      this.put(i, score, label === 1 ? 0 : 1);
      return;
    }
  }

  /** Takes another sample in: all of it where there is room for both, else each place is theirs where `isTheirs` says so. */
  mix(other: UserRows, capacity: number, isTheirs: () => boolean): void {
    const hasRoom = this.size + other.size <= capacity;
    const own = hasRoom ? this.size : 0;
    for (let at = own, next = 0; at < capacity && next < other.size; at++) {
      if (at < this.size && !isTheirs()) continue;
      this.put(at, other.#logits[next]!, other.#labels[next]!);
      next++;
    }
  }

  copy(): UserRows {
    const rows = new UserRows();
    for (const { logit, label } of this) rows.put(rows.size, logit, label);
    return rows;
  }

  *[Symbol.iterator](): IterableIterator<UserRow> {
    for (let i = 0; i < this.#logits.length; i++) yield { logit: this.#logits[i]!, label: this.#labels[i]! };
  }

  /** Twice the pairs won by the row at `at`, as a positive over negatives or a negative under positives. */
  #twiceWins(at: number): number {
    const score = this.#logits[at]!;
    const label = this.#labels[at]!;
    const sign = label === 1 ? 1 : -1;
    let wins = 0;
    for (let i = 0; i < this.#logits.length; i++) {
      if (this.#labels[i] === label) continue;
      const lead = sign * (score - this.#logits[i]!);
      wins += lead > 0 ? 2 : lead === 0 ? 1 : 0;
    }
    return wins;
  }
}
