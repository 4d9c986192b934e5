import { closest, distance } from 'fastest-levenshtein';
import { DadinError } from '../../core/index.js';

/** @throws DadinError DADIN_SOURCE_HEADER naming each missing column and the one that was probably meant */
export function requireColumns(path: string, present: readonly string[], wanted: readonly string[]): void {
  const missing = wanted.filter((column) => !present.includes(column));
  if (missing.length === 0) return;
  const hints = missing.map((column) => {
    const near = nearest(column, present);
    return near === null ? `"${column}"` : `"${column}" (did you mean "${near}"?)`;
  });
  throw new DadinError('DADIN_SOURCE_HEADER', `${path} has no column ${hints.join(', ')}`, {
    step: 'read',
    partition: path,
    got: present.join(', '),
    expected: wanted.join(', '),
    remedy: 'correct the column names of this entry of input.files, or its delimiter',
  });
}

/** The candidate that was probably meant, if one is near enough to ask. */
export function nearest(name: string, candidates: readonly string[]): string | null {
  const named = candidates.filter((candidate) => candidate.trim() !== '');
  if (named.length === 0) return null;
  const lower = new Map(named.map((candidate) => [candidate.toLowerCase(), candidate]));
  const meant = closest(name.toLowerCase(), [...lower.keys()]);
  return distance(name.toLowerCase(), meant) <= Math.max(2, Math.floor(meant.length / 3)) ? lower.get(meant)! : null;
}
