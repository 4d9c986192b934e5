import type { Domain } from '../../core/index.js';

/** One entry of `input.files`: the files of one log, with the mapping of its columns. Equal in shape to the configuration's. */
export interface FileInputOptions {
  readonly domain: Domain | DomainRule;
  /** Files or globs, read in name order as one log. */
  readonly paths: readonly string[];
  readonly format: 'auto' | FileFormat;
  /** One character; CSV only. */
  readonly delimiter: string;
  /** Splits the values of columns marked `list`; null leaves text whole. */
  readonly listSeparator: string | null;
  readonly columns: ColumnMapping;
  readonly sort: 'auto' | 'never' | 'always';
}

export type FileFormat = 'csv' | 'jsonl' | 'avro' | 'parquet';

interface ColumnMapping {
  /** null: the row number in the log stands for the event id. */
  readonly eventId: string | null;
  /** null: every row is an impression. */
  readonly kind: KindRule | null;
  /** null: the event id. */
  readonly impressionId: string | null;
  readonly userId: string;
  readonly itemId: string;
  /** null is refused with DADIN_SOURCE_NO_TIME: a log without event time has no order. */
  readonly eventTime: EventTimeColumn | null;
  readonly label: LabelRule;
  readonly userFeatures: Readonly<Record<string, FeatureColumn>>;
  readonly itemFeatures: Readonly<Record<string, FeatureColumn>>;
}

export interface DomainRule {
  readonly column: string;
  readonly target: readonly string[];
  readonly source: readonly string[];
}

export interface KindRule {
  readonly column: string;
  readonly impression: readonly string[];
  readonly click: readonly string[];
}

export interface EventTimeColumn {
  readonly column: string;
  /** `ms`, `s`, `iso`, or a pattern of yyyy MM dd HH mm ss SSS in this order. */
  readonly format: string;
  /** `UTC` or a fixed offset as in `+08:00`. */
  readonly timeZone: string;
}

export type LabelRule =
  | { readonly column: string; readonly equals: readonly string[]; readonly negatives: readonly string[] | null }
  | { readonly column: string; readonly atLeast: number }
  | { readonly always: 'clicked' }
  | { readonly later: true };

export interface FeatureColumn {
  readonly column: string;
  readonly list: boolean;
  /** Integer division: 10 turns a year into its decade; null leaves the value as written. */
  readonly divideBy: number | null;
}
