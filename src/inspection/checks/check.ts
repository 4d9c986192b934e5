/** The verdict of one look at a configuration and its log. */
export interface Check {
  readonly name: string;
  readonly status: 'PASS' | 'WARN' | 'FAIL';
  readonly summary: string;
  /** Counts and examples. */
  readonly details: readonly string[];
  /** What to do; null where all is well. */
  readonly remedy: string | null;
}

export function pass(name: string, summary: string, details: readonly string[] = []): Check {
  return { name, status: 'PASS', summary, details, remedy: null };
}

export function warn(name: string, summary: string, remedy: string, details: readonly string[] = []): Check {
  return { name, status: 'WARN', summary, details, remedy };
}

export function fail(name: string, summary: string, remedy: string, details: readonly string[] = []): Check {
  return { name, status: 'FAIL', summary, details, remedy };
}
