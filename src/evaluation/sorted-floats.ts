const BLOCK = 512;

/**
 * A multiset of float32 numbers with ranks: add, remove and rank in O(log n) searches plus the shift of at most one
 * block. A list of sorted blocks (as Python's sortedcontainers) with a Fenwick tree of block sizes: scores are
 * open-ended, so a tree over fixed bins would not be exact, and flat blocks beat linked nodes on cache misses.
 */
export class SortedFloats {
  #size = 0;
  /** Blocks in use; the arrays below by place in the order hold that many entries. */
  #blocks = 0;
  /** [capacity * BLOCK] values of block b at b * BLOCK */
  #values = new Float32Array(4 * BLOCK);
  /** [capacity] by place: block number, values inside, largest value, Fenwick tree of sizes (1-based) */
  #block = new Int32Array(4);
  #count = new Int32Array(4);
  #largest = new Float32Array(4);
  #tree = new Int32Array(5);
  #free: number[] = [0, 1, 2, 3];

  get size(): number {
    return this.#size;
  }

  /** #below + #notAbove = 2 #{v < value} + #{v = value}: twice the mid-rank, an integer. */
  twiceMidRank(value: number): number {
    const place = this.#lowerPlace(value);
    if (place === this.#blocks) return 2 * this.#size;
    const base = this.#block[place]! * BLOCK;
    const at = this.#lowerInBlock(base, this.#count[place]!, value);
    const below = this.#countBefore(place) + at;
    if (this.#values[base + at] !== value) return 2 * below;
    return below + this.#countNotAbove(value);
  }

  add(value: number): void {
    if (this.#blocks === 0) this.#insertBlock(0);
    let place = this.#upperPlace(value);
    if (place === this.#blocks) place--;
    if (this.#count[place] === BLOCK) {
      this.#split(place);
      if (value > this.#largest[place]!) place++;
    }
    const base = this.#block[place]! * BLOCK;
    const count = this.#count[place]!;
    const at = base + this.#upperInBlock(base, count, value);
    const values = this.#values;
    values.copyWithin(at + 1, at, base + count);
    values[at] = value;
    this.#count[place] = count + 1;
    this.#largest[place] = values[base + count]!;
    this.#addToTree(place, 1);
    this.#size++;
  }

  /** Takes out one occurrence; false when there is none. */
  remove(value: number): boolean {
    const place = this.#lowerPlace(value);
    if (place === this.#blocks) return false;
    const base = this.#block[place]! * BLOCK;
    const count = this.#count[place]!;
    const at = base + this.#lowerInBlock(base, count, value);
    const values = this.#values;
    if (values[at] !== value) return false;
    values.copyWithin(at, at + 1, base + count);
    this.#count[place] = count - 1;
    this.#size--;
    if (count === 1) {
      this.#removeBlock(place);
      return true;
    }
    this.#largest[place] = values[base + count - 2]!;
    this.#addToTree(place, -1);
    // keeps the number of blocks proportional to the size when scores drift away from old blocks
    if (count < BLOCK / 8 && place + 1 < this.#blocks && count + this.#count[place + 1]! < BLOCK / 2) {
      this.#joinNext(place);
    }
    return true;
  }

  /** Ascending copy. */
  toArray(): Float32Array {
    const out = new Float32Array(this.#size);
    let n = 0;
    for (let place = 0; place < this.#blocks; place++) {
      const base = this.#block[place]! * BLOCK;
      out.set(this.#values.subarray(base, base + this.#count[place]!), n);
      n += this.#count[place]!;
    }
    return out;
  }

  #countNotAbove(value: number): number {
    const place = this.#upperPlace(value);
    if (place === this.#blocks) return this.#size;
    const base = this.#block[place]! * BLOCK;
    return this.#countBefore(place) + this.#upperInBlock(base, this.#count[place]!, value);
  }

  /** First place whose largest value is >= value. */
  #lowerPlace(value: number): number {
    let low = 0;
    let high = this.#blocks;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#largest[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** First place whose largest value is > value. */
  #upperPlace(value: number): number {
    let low = 0;
    let high = this.#blocks;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#largest[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #lowerInBlock(base: number, count: number, value: number): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[base + middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #upperInBlock(base: number, count: number, value: number): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[base + middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #countBefore(place: number): number {
    let sum = 0;
    for (let i = place; i > 0; i &= i - 1) sum += this.#tree[i]!;
    return sum;
  }

  #addToTree(place: number, change: number): void {
    for (let i = place + 1; i <= this.#blocks; i += i & -i) this.#tree[i]! += change;
  }

  #rebuildTree(): void {
    const tree = this.#tree;
    for (let i = 1; i <= this.#blocks; i++) tree[i] = this.#count[i - 1]!;
    for (let i = 1; i <= this.#blocks; i++) {
      const parent = i + (i & -i);
      if (parent <= this.#blocks) tree[parent]! += tree[i]!;
    }
  }

  /** Moves the upper half of a full block into a new one behind it. */
  #split(place: number): void {
    this.#insertBlock(place + 1);
    const half = BLOCK / 2;
    const from = this.#block[place]! * BLOCK;
    const to = this.#block[place + 1]! * BLOCK;
    this.#values.copyWithin(to, from + half, from + BLOCK);
    this.#count[place] = half;
    this.#count[place + 1] = half;
    this.#largest[place + 1] = this.#largest[place]!;
    this.#largest[place] = this.#values[from + half - 1]!;
    this.#rebuildTree();
  }

  #joinNext(place: number): void {
    const count = this.#count[place]!;
    const next = this.#count[place + 1]!;
    const from = this.#block[place + 1]! * BLOCK;
    this.#values.copyWithin(this.#block[place]! * BLOCK + count, from, from + next);
    this.#count[place] = count + next;
    this.#largest[place] = this.#largest[place + 1]!;
    this.#removeBlock(place + 1);
  }

  #insertBlock(place: number): void {
    if (this.#free.length === 0) this.#grow();
    const block = this.#free.pop()!;
    const end = this.#blocks++;
    this.#block.copyWithin(place + 1, place, end);
    this.#count.copyWithin(place + 1, place, end);
    this.#largest.copyWithin(place + 1, place, end);
    this.#block[place] = block;
    this.#count[place] = 0;
    this.#largest[place] = Number.NEGATIVE_INFINITY;
    this.#rebuildTree();
  }

  #removeBlock(place: number): void {
    this.#free.push(this.#block[place]!);
    const end = this.#blocks--;
    this.#block.copyWithin(place, place + 1, end);
    this.#count.copyWithin(place, place + 1, end);
    this.#largest.copyWithin(place, place + 1, end);
    this.#rebuildTree();
  }

  #grow(): void {
    const capacity = this.#block.length;
    const values = new Float32Array(2 * capacity * BLOCK);
    values.set(this.#values);
    this.#values = values;
    const block = new Int32Array(2 * capacity);
    block.set(this.#block);
    this.#block = block;
    const count = new Int32Array(2 * capacity);
    count.set(this.#count);
    this.#count = count;
    const largest = new Float32Array(2 * capacity);
    largest.set(this.#largest);
    this.#largest = largest;
    const tree = new Int32Array(2 * capacity + 1);
    tree.set(this.#tree);
    this.#tree = tree;
    for (let b = capacity; b < 2 * capacity; b++) this.#free.push(b);
  }
}
