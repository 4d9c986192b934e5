import { type ColumnProfile, profileColumns } from '../../../../src/inspection/proposal/column-profile.js';

/** Profiles of columns given as name -> values, all of one length. */
export function profiles(columns: Readonly<Record<string, readonly (string | null)[]>>): ColumnProfile[] {
  const names = Object.keys(columns);
  const length = Object.values(columns)[0]?.length ?? 0;
  return profileColumns({
    format: 'csv',
    delimiter: ',',
    columns: names,
    rows: Array.from({ length }, (_, row) => names.map((name) => columns[name]![row] ?? null)),
  });
}

export function profile(name: string, values: readonly (string | null)[]): ColumnProfile {
  return profiles({ [name]: values })[0]!;
}
