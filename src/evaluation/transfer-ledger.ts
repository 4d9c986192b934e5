import type { Stateful, StateValue } from '../core/index.js';
import { aucDifference, type PairedDifference } from './paired-auc.js';

/** A target impression scored by the learner and by its twin that knows no source domain, with its label. */
export interface LedgerRow {
  readonly logitWith: number;
  readonly logitWithout: number;
  /** 0 or 1 */
  readonly label: number;
  readonly coldUser: boolean;
  readonly eventTimeMs: number;
}

/** AUC gained from the source domain over rows of the window. */
export interface TransferGain extends PairedDifference {
  readonly rows: number;
}

/** The twin's scores were taken, or the learner's again. */
export interface TransferDecision {
  readonly transfer: boolean;
  /** Judged target rows before it. */
  readonly row: number;
  readonly eventTimeMs: number;
  /** What it was decided on. */
  readonly gain: TransferGain;
}

export interface TransferReport {
  /** Whether target scores are those of the learner that knows the source domain. */
  readonly transfer: boolean;
  /** helps, hurts: the 99.9 % interval of the gain says so, since it is looked at again and again. */
  readonly verdict: 'helps' | 'hurts' | 'undecided';
  /** With 95 % interval; null with fewer than two rows of a class. */
  readonly gain: TransferGain | null;
  /** Of users that were new to the target. */
  readonly coldGain: TransferGain | null;
  /** Newest last. */
  readonly decisions: readonly TransferDecision[];
}

/** Standard errors of a 99.9 % interval. */
const SURE = 3.29;

/** Looks at the window, which costs a sort, a window's length. */
const LOOKS_PER_WINDOW = 25;

const KEPT_DECISIONS = 100;

/**
 * Paired scores of the last target rows: what the source domain brings, and whether its scores are to be served. Looks
 * every so many rows, so that what it decides depends on the rows alone.
 */
export class TransferLedger implements Stateful {
  readonly #windowRows: number;
  readonly #switchOff: boolean;
  readonly #with: Float32Array;
  readonly #without: Float32Array;
  readonly #label: Uint8Array;
  readonly #cold: Uint8Array;
  #rows = 0;
  #transfer = true;
  #decisions: TransferDecision[] = [];
  #report: TransferReport | null = null;

  constructor({ windowRows, switchOff }: { readonly windowRows: number; readonly switchOff: boolean }) {
    this.#windowRows = windowRows;
    this.#switchOff = switchOff;
    this.#with = new Float32Array(windowRows);
    this.#without = new Float32Array(windowRows);
    this.#label = new Uint8Array(windowRows);
    this.#cold = new Uint8Array(windowRows);
  }

  add({ logitWith, logitWithout, label, coldUser, eventTimeMs }: LedgerRow): void {
    const at = this.#rows++ % this.#windowRows;
    this.#with[at] = logitWith;
    this.#without[at] = logitWithout;
    this.#label[at] = label;
    this.#cold[at] = coldUser ? 1 : 0;
    if (this.#rows % Math.ceil(this.#windowRows / LOOKS_PER_WINDOW) === 0) this.#look(eventTimeMs);
  }

  /** Whether target scores are the learner's, and not its twin's. */
  get transfer(): boolean {
    return this.#transfer;
  }

  /** As of the last look; null before the first. */
  get lastReport(): TransferReport | null {
    return this.#report;
  }

  /** As of now. Sorts the window. */
  report(): TransferReport {
    const gain = this.#gain(() => true);
    return {
      transfer: this.#transfer,
      verdict: verdictOf(gain),
      gain,
      coldGain: this.#gain((i) => this.#cold[i] === 1),
      decisions: [...this.#decisions],
    };
  }

  #look(eventTimeMs: number): void {
    const { gain, verdict } = this.report();
    const turns = this.#transfer ? verdict === 'hurts' : verdict === 'helps';
    if (this.#switchOff && turns && gain !== null) {
      this.#transfer = !this.#transfer;
      this.#decisions.push({ transfer: this.#transfer, row: this.#rows, eventTimeMs, gain });
      if (this.#decisions.length > KEPT_DECISIONS) this.#decisions.shift();
    }
    this.#report = this.report();
  }

  #gain(keep: (row: number) => boolean): TransferGain | null {
    const rows: number[] = [];
    for (let i = 0; i < Math.min(this.#rows, this.#windowRows); i++) if (keep(i)) rows.push(i);
    const found = aucDifference(
      Float32Array.from(rows, (i) => this.#with[i]!),
      Float32Array.from(rows, (i) => this.#without[i]!),
      Uint8Array.from(rows, (i) => this.#label[i]!),
    );
    if (found === null) return null;
    const { difference, standardError, low, high } = found;
    return { difference, standardError, low, high, rows: rows.length };
  }

  snapshot(): StateValue {
    const filled = Math.min(this.#rows, this.#windowRows);
    return {
      with: this.#with.slice(0, filled),
      without: this.#without.slice(0, filled),
      label: this.#label.slice(0, filled),
      cold: this.#cold.slice(0, filled),
      rows: this.#rows,
      transfer: this.#transfer,
      decisions: this.#decisions as unknown as StateValue,
      report: this.#report as unknown as StateValue,
    };
  }

  restore(state: StateValue): void {
    const s = state as unknown as LedgerState;
    this.#with.set(s.with);
    this.#without.set(s.without);
    this.#label.set(s.label);
    this.#cold.set(s.cold);
    this.#rows = s.rows;
    this.#transfer = s.transfer;
    this.#decisions = [...s.decisions];
    this.#report = s.report;
  }
}

interface LedgerState {
  readonly with: Float32Array;
  readonly without: Float32Array;
  readonly label: Uint8Array;
  readonly cold: Uint8Array;
  readonly rows: number;
  readonly transfer: boolean;
  readonly decisions: readonly TransferDecision[];
  readonly report: TransferReport | null;
}

function verdictOf(gain: TransferGain | null): TransferReport['verdict'] {
  if (gain === null || Math.abs(gain.difference) <= SURE * gain.standardError) return 'undecided';
  return gain.difference > 0 ? 'helps' : 'hurts';
}
