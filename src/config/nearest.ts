import { closest, distance } from 'fastest-levenshtein';

/** The name that was probably meant, if one is near enough to ask. */
export function nearest(name: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const lower = name.toLowerCase();
  const meant = closest(
    lower,
    names.map((candidate) => candidate.toLowerCase()),
  );
  const index = names.findIndex((candidate) => candidate.toLowerCase() === meant);
  return distance(lower, meant) <= Math.max(1, Math.floor(meant.length / 3)) ? names[index]! : null;
}
