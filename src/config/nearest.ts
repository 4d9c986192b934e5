import { closest, distance } from 'fastest-levenshtein';

/** The name that was probably meant: one a few letters away, or one that ends in what was written. */
export function nearest(name: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const written = name.toLowerCase();
  const lower = names.map((candidate) => candidate.toLowerCase());
  const meant = closest(written, lower);
  const tolerance = meant.length < 5 ? 1 : Math.max(2, Math.floor(meant.length / 3));
  if (distance(written, meant) <= tolerance) return names[lower.indexOf(meant)]!;
  return (written.length >= 4 && names.find((_, i) => lower[i]!.endsWith(written))) || null;
}
