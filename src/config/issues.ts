import type { z } from 'zod';
import { nearest } from './nearest.js';
import { keysAt, keysOf, nodesAt, type Path, type SchemaNode } from './schema-tree.js';

/** What is wrong with a value, in a user's words. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly suggestion: string | null;
  /** The key is what is wrong, not its value. */
  readonly atKey: boolean;
}

type Issue = z.core.$ZodIssue;

/** Turns what zod found in `value` into findings, one for each mistake. */
export function findings(issues: readonly Issue[], value: unknown, root: SchemaNode): Finding[] {
  return issues.flatMap((issue) => explain(issue, [], value, root));
}

function explain(issue: Issue, base: Path, value: unknown, root: SchemaNode): Finding[] {
  const path = [...base, ...issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)))];
  const got = valueAt(value, path);
  if (nodesAt(root, path).some((node) => node.secret === true)) {
    // what stands there may be the secret: it is not repeated
    const message = 'must be {env: NAME} or {file: PATH}: a secret never stands in the configuration itself';
    return [{ path, message, suggestion: null, atKey: false }];
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: 'unknown key',
        suggestion: meantKey(key, path, root),
        atKey: true,
      }));
    case 'invalid_union':
      return explainUnion(issue, path, value, root);
    case 'invalid_value': {
      const message = `expected ${oneOf(issue.values.map(String))}, ${describe(got)}`;
      const suggestion = typeof got === 'string' ? nearest(got, issue.values.map(String)) : null;
      return [{ path, message, suggestion, atKey: false }];
    }
    case 'invalid_type':
      return [{ path, message: typeMessage(typeName(issue, path, root), got), suggestion: null, atKey: false }];
    case 'too_small':
    case 'too_big':
      return [{ path, message: `${boundMessage(issue)}, ${describe(got)}`, suggestion: null, atKey: false }];
    default:
      return [
        {
          path,
          message: issue.code === 'custom' ? issue.message : `${issue.message}, ${describe(got)}`,
          suggestion: null,
          atKey: false,
        },
      ];
  }
}

/** Explains the alternative that the value comes nearest to; where it is none of their types, names the types. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, value: unknown, root: SchemaNode): Finding[] {
  const got = valueAt(value, path);
  const isWrongType = (branch: readonly Issue[]) =>
    branch.some(
      (inner) => inner.path.length === 0 && (inner.code === 'invalid_type' || inner.code === 'invalid_value'),
    );
  const candidates = issue.errors.filter((branch) => !isWrongType(branch));
  if (candidates.length === 0) {
    const options = issue.errors.flat().flatMap((inner) => {
      if (inner.code === 'invalid_value') return inner.values.map(String);
      return inner.code === 'invalid_type' ? [TYPE_NAMES[inner.expected] ?? inner.expected] : [];
    });
    const suggestion = typeof got === 'string' ? nearest(got, options) : null;
    return [{ path, message: typeMessage(oneOf([...new Set(options)]), got), suggestion, atKey: false }];
  }
  const mistakes = (branch: readonly Issue[]) =>
    branch.reduce((sum, inner) => sum + (inner.code === 'unrecognized_keys' ? inner.keys.length : 1), 0);
  const best = candidates.reduce((a, b) => (mistakes(b) < mistakes(a) ? b : a));
  return best.flatMap((inner) => explain(inner, path, value, root));
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

function typeName({ expected }: z.core.$ZodIssueInvalidType, path: Path, root: SchemaNode): string {
  // zod looks at number first and at int only when it is one
  const isWhole = expected === 'number' && nodesAt(root, path).some((node) => [node.type].flat().includes('integer'));
  return TYPE_NAMES[isWhole ? 'int' : expected] ?? expected;
}

function typeMessage(expected: string, got: unknown): string {
  if (got === undefined) return `is missing, expected ${expected}`;
  const hint =
    expected === 'text' && (typeof got === 'number' || typeof got === 'boolean') ? `: quote it, "${got}"` : '';
  return `expected ${expected}, ${describe(got)}${hint}`;
}

function boundMessage(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [bound, word] = issue.code === 'too_small' ? [issue.minimum, 'least'] : [issue.maximum, 'most'];
  if (issue.origin === 'array') return `must have at ${word} ${bound} ${bound === 1 ? 'entry' : 'entries'}`;
  if (issue.origin === 'string') return `must have at ${word} ${bound} ${bound === 1 ? 'character' : 'characters'}`;
  if (issue.inclusive === false) return `must be ${word === 'least' ? 'above' : 'below'} ${bound}`;
  return `must be at ${word} ${bound}`;
}

function oneOf(options: readonly string[]): string {
  return options.length < 2 ? options.join('') : `${options.slice(0, -1).join(', ')} or ${options.at(-1)}`;
}

function describe(value: unknown): string {
  if (value === undefined) return 'but it is missing';
  if (Array.isArray(value)) return value.length === 0 ? 'got an empty list' : 'got a list';
  if (typeof value === 'object' && value !== null) return 'got a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `got ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}

/** A near name in the same section; else the one place where this name is a key; else a key that reads alike. */
function meantKey(name: string, path: Path, root: SchemaNode): string | null {
  const near = nearest(name, keysAt(root, path));
  if (near !== null) return near;
  const keys = keysOf(root).filter((key) => !key.path.includes('*'));
  const sameName = keys.filter((key) => key.path.at(-1) === name);
  if (sameName.length === 1) return sameName[0]!.path.join('.');
  const alike = nearest(
    [...path, name].join(''),
    keys.map((key) => key.path.join('')),
  );
  return keys.find((key) => key.path.join('') === alike)?.path.join('.') ?? null;
}

function valueAt(value: unknown, path: Path): unknown {
  let inner = value;
  for (const segment of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, segment)) return undefined;
    inner = (inner as Record<string | number, unknown>)[segment];
  }
  return inner;
}
