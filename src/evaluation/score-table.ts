import { bug } from '../core/index.js';

/** A scored impression as all contestants saw it. */
export interface ScoredImpression {
  /** Canonical number of the impression, from 0. */
  readonly sequence: number;
  /** 1 target, 0 source */
  readonly domain: number;
  readonly coldUser: boolean;
  readonly newItem: boolean;
}

const UNKNOWN = -1;

/**
 * Logits of several contestants for the same impressions, in scoring order, with the labels that came later: 4 bytes a
 * contestant and 4 more an impression.
 */
export class ScoreTable {
  #logits: Float32Array[];
  #domain = new Uint8Array(0);
  #cold = new Uint8Array(0);
  #new = new Uint8Array(0);
  #label = new Int8Array(0);
  #size = 0;

  constructor(contestants: number) {
    this.#logits = Array.from({ length: contestants }, () => new Float32Array(0));
  }

  /** Rows so far, those without a label included. */
  get size(): number {
    return this.#size;
  }

  /** `logits[k]` by contestant; rows come in the order of their sequence. */
  add(row: ScoredImpression, logits: readonly number[]): void {
    if (row.sequence !== this.#size) bug(`row ${row.sequence} scored after row ${this.#size - 1}`);
    if (this.#size === this.#label.length) this.#grow();
    const at = this.#size++;
    for (let k = 0; k < this.#logits.length; k++) this.#logits[k]![at] = logits[k]!;
    this.#domain[at] = row.domain;
    this.#cold[at] = row.coldUser ? 1 : 0;
    this.#new[at] = row.newItem ? 1 : 0;
    this.#label[at] = UNKNOWN;
  }

  label(sequence: number, label: number): void {
    if (sequence >= this.#size) bug(`a label for row ${sequence}, which was not scored`);
    this.#label[sequence] = label;
  }

  /** Labelled rows of a domain for which `keep` holds, in scoring order. */
  rows(domain: number, keep: (row: { readonly cold: boolean; readonly new: boolean }) => boolean = () => true) {
    const rows: number[] = [];
    for (let i = 0; i < this.#size; i++) {
      if (this.#domain[i] !== domain || this.#label[i] === UNKNOWN) continue;
      if (keep({ cold: this.#cold[i] === 1, new: this.#new[i] === 1 })) rows.push(i);
    }
    return Int32Array.from(rows);
  }

  logitsOf(contestant: number, rows: Int32Array): Float32Array {
    const logits = this.#logits[contestant] ?? bug(`no contestant ${contestant}`);
    return Float32Array.from(rows, (row) => logits[row]!);
  }

  labelsOf(rows: Int32Array): Uint8Array {
    return Uint8Array.from(rows, (row) => this.#label[row]!);
  }

  #grow(): void {
    const length = Math.max(1024, 2 * this.#size);
    const grown = <A extends Float32Array | Uint8Array | Int8Array>(old: A, made: A): A => {
      made.set(old);
      return made;
    };
    this.#logits = this.#logits.map((old) => grown(old, new Float32Array(length)));
    this.#domain = grown(this.#domain, new Uint8Array(length));
    this.#cold = grown(this.#cold, new Uint8Array(length));
    this.#new = grown(this.#new, new Uint8Array(length));
    this.#label = grown(this.#label, new Int8Array(length));
  }
}
