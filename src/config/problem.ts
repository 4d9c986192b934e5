import type { Path } from './schema-tree.js';

/** Where something was written: a place in the file, an environment variable or a `--set`. */
export interface Location {
  /** `file:line:col`, `environment NAME` or `--set path=value`. */
  readonly text: string;
  /** Problems are told in this order. */
  readonly order: number;
}

export interface Problem {
  readonly location: Location;
  readonly path: Path;
  readonly message: string;
  readonly suggestion: string | null;
}

/** `file:line:col: path.to.key: message (did you mean "x"?)` */
export function problemText({ location, path, message, suggestion }: Problem): string {
  const key = path.length === 0 ? '' : `${path.join('.')}: `;
  return `${location.text}: ${key}${message}${suggestion === null ? '' : ` (did you mean "${suggestion}"?)`}`;
}
