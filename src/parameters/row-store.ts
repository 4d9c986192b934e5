import type { NamedTensor, StateValue } from '../core/index.js';
import { forEachRun, gatherColumn, type RowColumn, type RowLayout, rowColumns, scatterColumn } from './row-columns.js';
import { RowJournal } from './row-journal.js';
import { newSlab, SLAB_BITS, SLAB_MASK, type Slab, slabBytes } from './slab.js';

/** Live rows in ascending order of row number; tensor row i belongs to `embedding.ids`[i]. */
export interface RowStoreState {
  readonly model: readonly NamedTensor[];
  readonly optimizer: readonly NamedTensor[];
  readonly rowNumbers: Int32Array;
  /** Rows ever handed out. */
  readonly high: number;
  /** Freed rows, the next one to be used last. */
  readonly free: Int32Array;
}

/** What differs between now and another moment: exchanging it leads there and back. */
export interface RowChange {
  readonly journal: RowJournal;
  /** As in `RowStoreState`, at the other end. */
  high: number;
  free: Int32Array;
}

/** Rows in slabs, with a free list: a freed row is handed out again last in, first out. */
export class RowStore {
  readonly #layout: RowLayout;
  #slabs: Slab[] = [];
  #high = 0;
  #free: number[] = [];
  #change: RowChange;
  /** Number of `#change` among all, for the rows' marks; 0 until the first `mark`, which nobody pays for before. */
  #journals = 0;

  constructor(layout: RowLayout) {
    this.#layout = layout;
    this.#change = this.#nothing();
  }

  /** Row r is place `r & SLAB_MASK` of slab `r >> SLAB_BITS`. */
  get slabs(): readonly Slab[] {
    return this.#slabs;
  }

  /** Rows ever handed out: every live row's number is smaller. */
  get high(): number {
    return this.#high;
  }

  get bytes(): number {
    return this.#slabs.reduce((sum, slab) => sum + slabBytes(slab), this.#change.journal.bytes);
  }

  /** The feature id of a row; 0 when it is free. */
  idOf(row: number): number {
    return this.#slabs[row >> SLAB_BITS]!.ids[row & SLAB_MASK]!;
  }

  touchedMsOf(row: number): number {
    return this.#slabs[row >> SLAB_BITS]!.touchedMs[row & SLAB_MASK]!;
  }

  updatesOf(row: number): number {
    return this.#slabs[row >> SLAB_BITS]!.updates[row & SLAB_MASK]!;
  }

  touch(row: number, eventTimeMs: number): void {
    const touchedMs = this.#slabs[row >> SLAB_BITS]!.touchedMs;
    const place = row & SLAB_MASK;
    if (eventTimeMs <= touchedMs[place]!) return;
    this.willChange(row);
    touchedMs[place] = eventTimeMs;
  }

  /** To be told before anything of a row changes. */
  willChange(row: number): void {
    const slab = this.#slabs[row >> SLAB_BITS]!;
    const place = row & SLAB_MASK;
    if (slab.journalled[place] === this.#journals) return;
    slab.journalled[place] = this.#journals;
    this.#change.journal.add(row, slab, place);
  }

  /** Whether there is a way back to anything. */
  get isMarked(): boolean {
    return this.#journals > 0;
  }

  /** What is now is what the change at hand leads back to; what it has taken down before is forgotten. */
  markAnew(): void {
    this.#change.journal.clear();
    this.#change.high = this.#high;
    this.#change.free = Int32Array.from(this.#free);
    this.#journals++;
  }

  /** As `markAnew`, but gives away the change so far. */
  mark(): RowChange {
    const before = this.#change;
    this.#change = this.#nothing();
    this.markAnew();
    return before;
  }

  /** The way to what was marked last. */
  get change(): RowChange {
    return this.#change;
  }

  /** Goes on with a change whose other end was exchanged for what is now. */
  goOnWith(change: RowChange): void {
    this.#change = change;
    this.#journals++;
    for (const row of change.journal.rows) {
      this.#growSlabs(row + 1);
      this.#slabs[row >> SLAB_BITS]!.journalled[row & SLAB_MASK] = this.#journals;
    }
  }

  /** Goes to the other end of a change, which then leads back. */
  exchange(change: RowChange): void {
    change.journal.exchange(this.#slabs);
    const [high, free] = [this.#high, Int32Array.from(this.#free)];
    this.#high = change.high;
    this.#free = Array.from(change.free);
    change.high = high;
    change.free = free;
  }

  snapshotChange({ journal, high, free }: RowChange): StateValue {
    return { journal: journal.snapshot(), high, free: free.slice() };
  }

  restoredChange(state: StateValue): RowChange {
    const { journal, high, free } = state as { journal: StateValue; high: number; free: Int32Array };
    const change = this.#nothing();
    change.journal.restore(journal);
    change.high = high;
    change.free = free.slice();
    for (const row of change.journal.rows) this.#growSlabs(row + 1);
    return change;
  }

  /** A row for `id` with empty slots; its weights are for the caller to fill. */
  allocate(id: number, eventTimeMs: number): number {
    const row = this.#free.pop() ?? this.#high;
    if (row === this.#high) this.#growTo(row + 1);
    this.willChange(row);
    const slab = this.#slabs[row >> SLAB_BITS]!;
    const place = row & SLAB_MASK;
    slab.ids[place] = id;
    slab.touchedMs[place] = eventTimeMs;
    slab.updates[place] = 0;
    const { slotWidths } = this.#layout;
    for (let k = 0; k < slotWidths.length; k++) {
      slab.slots[k]!.fill(0, place * slotWidths[k]!, (place + 1) * slotWidths[k]!);
    }
    return row;
  }

  release(row: number): void {
    this.willChange(row);
    this.#slabs[row >> SLAB_BITS]!.ids[row & SLAB_MASK] = 0;
    this.#free.push(row);
  }

  snapshot(): RowStoreState {
    const rowNumbers = this.#liveRows();
    const { model, optimizer } = rowColumns(this.#layout);
    const gathered = (columns: readonly RowColumn[]): NamedTensor[] =>
      columns.map((column) => gatherColumn(column, this.#slabs, rowNumbers));
    return {
      model: gathered(model),
      optimizer: gathered(optimizer),
      rowNumbers,
      high: this.#high,
      free: Int32Array.from(this.#free),
    };
  }

  /** Ids [n] and weights [n, width] of the live rows touched at or after an event time, in ascending order of row number. */
  touchedSince(timeMs: number): { ids: Float64Array; rows: { shape: readonly number[]; data: Float32Array } } {
    const { width } = this.#layout;
    const found = this.#liveRows().filter((row) => this.touchedMsOf(row) >= timeMs);
    const data = new Float32Array(found.length * width);
    forEachRun(found, (i, slab, place, length) => {
      data.set(this.#slabs[slab]!.weights.subarray(place * width, (place + length) * width), i * width);
    });
    return { ids: Float64Array.from(found, (row) => this.idOf(row)), rows: { shape: [found.length, width], data } };
  }

  /** @throws DadinError DADIN_CHECKPOINT_MISMATCH when width or slots differ from the snapshot's */
  restore(state: RowStoreState): void {
    const tensors = new Map([...state.model, ...state.optimizer].map((tensor) => [tensor.name, tensor]));
    this.#slabs = [];
    this.#growTo(state.high);
    this.#free = Array.from(state.free);
    const { model, optimizer } = rowColumns(this.#layout);
    for (const column of [...model, ...optimizer]) {
      scatterColumn(column, tensors.get(`embedding.${column.name}`), this.#slabs, state.rowNumbers);
    }
  }

  #liveRows(): Int32Array {
    const live = new Int32Array(this.#high - this.#free.length);
    let n = 0;
    for (let row = 0; row < this.#high; row++) if (this.idOf(row) !== 0) live[n++] = row;
    return live;
  }

  #growTo(high: number): void {
    this.#high = high;
    this.#growSlabs(high);
  }

  #nothing(): RowChange {
    const { width, slotWidths } = this.#layout;
    return { journal: new RowJournal(width, slotWidths), high: 0, free: new Int32Array(0) };
  }

  #growSlabs(rows: number): void {
    while (this.#slabs.length << SLAB_BITS < rows) {
      this.#slabs.push(newSlab(this.#layout.width, this.#layout.slotWidths));
    }
  }
}
