import type { FileSample } from '../../sources/files/index.js';

const EXAMPLES = 4;
const EXAMPLE_CHARACTERS = 28;

/** A column of a sample: its values, and what is often asked of them. */
export interface ColumnProfile {
  readonly name: string;
  /** Lower case, letters and digits only. */
  readonly plainName: string;
  /** [rows], null where a record has none. */
  readonly values: readonly (string | null)[];
  readonly filled: number;
  readonly distinct: ReadonlySet<string>;
}

export function profileColumns({ columns, rows }: FileSample): ColumnProfile[] {
  return columns.map((name, place) => {
    const values = rows.map((row) => row[place] ?? null);
    const present = values.filter((value) => value !== null);
    return {
      name,
      plainName: name.toLowerCase().replace(/[^a-z0-9]/g, ''),
      values,
      filled: present.length,
      distinct: new Set(present),
    };
  });
}

/** The words of a column's name: `u_newsCat` -> u, news, cat. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** A few values, for comments and questions. */
export function examplesOf({ distinct }: ColumnProfile): string {
  const shown = [...distinct].slice(0, EXAMPLES).map((value) => {
    const text = value.length > EXAMPLE_CHARACTERS ? `${value.slice(0, EXAMPLE_CHARACTERS - 3)}...` : value;
    return text.replace(/\s+/g, ' ');
  });
  return shown.length === 0 ? 'no values' : `${shown.join(', ')}${distinct.size > EXAMPLES ? ', ...' : ''}`;
}

export function isNumeric({ distinct }: ColumnProfile): boolean {
  return distinct.size > 0 && [...distinct].every((value) => value.trim() !== '' && Number.isFinite(Number(value)));
}
