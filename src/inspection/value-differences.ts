/** A value that two documents do not share. */
export interface ValueDifference {
  /** Path of the value, sections by dots. */
  readonly key: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** Where two documents of sections, lists and values differ; null where one has no such value. */
export function valueDifferences(a: unknown, b: unknown): ValueDifference[] {
  const [left, right] = [leaves(a, ''), leaves(b, '')];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((key) => JSON.stringify(left.get(key)) !== JSON.stringify(right.get(key)))
    .map((key) => ({ key, a: left.get(key) ?? null, b: right.get(key) ?? null }));
}

function leaves(value: unknown, path: string): Map<string, unknown> {
  const isSection = typeof value === 'object' && value !== null && !Array.isArray(value);
  const isListOfSections = Array.isArray(value) && value.some((entry) => typeof entry === 'object');
  if (!isSection && !isListOfSections) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [...leaves(inner, path === '' ? name : `${path}.${name}`)]),
  );
}
