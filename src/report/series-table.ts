import { type Column, PLACE_COLUMNS, type PlacedPoint } from './columns.js';

/** Series side by side: a row a point, a column a series. What charts are drawn from and CSV files hold. */
export interface SeriesTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | null)[])[];
}

/** The columns after those of the place. */
export function seriesTable<P extends PlacedPoint>(columns: readonly Column<P>[], points: readonly P[]): SeriesTable {
  const all: readonly Column<P>[] = [...PLACE_COLUMNS, ...columns];
  return { columns: all.map(({ key }) => key), rows: points.map((point) => all.map(({ of }) => of(point))) };
}

/** At most `most` rows, evenly spaced, the last one kept. */
export function thinned({ columns, rows }: SeriesTable, most: number): SeriesTable {
  if (rows.length <= most) return { columns, rows };
  const stride = Math.ceil(rows.length / most);
  return { columns, rows: rows.filter((_, i) => (rows.length - 1 - i) % stride === 0) };
}

/** RFC 4180, an empty field where there is no value. */
export function toCsv({ columns, rows }: SeriesTable): string {
  return [columns.join(','), ...rows.map((row) => row.map((value) => value ?? '').join(',')), ''].join('\r\n');
}

/** The inverse of `toCsv`; numbers only. */
export function fromCsv(text: string): SeriesTable {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const rows = lines.map((line) => line.split(',').map((field) => (field === '' ? null : Number(field))));
  return { columns: head.split(','), rows };
}
