import { parse } from 'yaml';
import type { Location, Problem } from './problem.js';
import { keysAt, keysOf, nodesAt, type Path, type SchemaNode } from './schema-tree.js';

/** A value that replaces what the file says at `path`. */
export interface Override {
  readonly path: Path;
  readonly value: unknown;
  readonly location: Location;
}

export interface Overrides {
  readonly accepted: readonly Override[];
  readonly problems: readonly Problem[];
}

const PREFIX = 'DADIN_';

/**
 * `DADIN_BATCHING__SIZE=64`: a double underscore is a dot; case and single underscores do not matter. Of the other
 * variables that start with DADIN_ (Kubernetes makes some for every service) only NAME and SEED are ours; one that would
 * name a key if its underscore were doubled is a problem, not a key that is silently ignored.
 */
export function environmentOverrides(env: Readonly<Record<string, string | undefined>>, root: SchemaNode): Overrides {
  const keys = keysOf(root);
  const accepted: Override[] = [];
  const problems: Problem[] = [];
  for (const name of Object.keys(env).sort()) {
    const raw = env[name];
    if (!name.startsWith(PREFIX) || raw === undefined) continue;
    const location = { text: `environment ${name}`, order: Number.MAX_SAFE_INTEGER - 1 };
    const segments = name.slice(PREFIX.length).split('__');
    const path = spellPath(segments, root);
    if (segments.length > 1 || nodesAt(root, path).some((node) => node.learning !== undefined)) {
      const isSecret = nodesAt(root, path).some((node) => node.secret === true);
      add(accepted, problems, path, isSecret ? { env: name } : raw, location, root);
      continue;
    }
    const meant = keys.find((key) => plain(key.path.join('')) === plain(segments[0]!));
    if (meant !== undefined)
      problems.push({
        location,
        path: [],
        message: 'names no key: a dot is a double underscore',
        suggestion: `${PREFIX}${meant.path.join('__').toUpperCase()}`,
      });
  }
  return { accepted, problems };
}

/** `batching.size=64`, as given to `--set`; the value is YAML. */
export function flagOverrides(flags: readonly string[], root: SchemaNode): Overrides {
  const accepted: Override[] = [];
  const problems: Problem[] = [];
  for (const flag of flags) {
    const equals = flag.indexOf('=');
    const path = flag.slice(0, equals).split('.');
    const location = { text: `--set ${equals < 0 ? flag : path.join('.')}`, order: Number.MAX_SAFE_INTEGER };
    if (equals < 1)
      problems.push({ location, path: [], message: 'must be written path.to.key=value', suggestion: null });
    else add(accepted, problems, path, flag.slice(equals + 1), location, root);
  }
  return { accepted, problems };
}

function add(
  accepted: Override[],
  problems: Problem[],
  path: Path,
  written: unknown,
  location: Location,
  root: SchemaNode,
): void {
  if (path.includes('__proto__')) {
    problems.push({ location, path, message: 'unknown key', suggestion: null });
    return;
  }
  try {
    const value = typeof written === 'string' ? yamlOrText(written, nodesAt(root, path)) : written;
    accepted.push({ path, value, location });
  } catch (error) {
    problems.push({ location, path, message: (error as Error).message, suggestion: null });
  }
}

/** The text as YAML, unless the key takes text and not what YAML makes of it: name=123 stays "123". */
function yamlOrText(raw: string, nodes: readonly SchemaNode[]): unknown {
  const takes = (type: string) => nodes.some((node) => [node.type].flat().includes(type));
  const value: unknown = parse(raw, { prettyErrors: false });
  if (typeof value === 'string') return value;
  const types =
    value === null
      ? ['null']
      : typeof value === 'number'
        ? ['number', 'integer']
        : [Array.isArray(value) ? 'array' : typeof value];
  return takes('string') && !types.some(takes) ? raw : value;
}

/** Gives environment segments the spelling of the keys they mean. */
function spellPath(segments: readonly string[], root: SchemaNode): string[] {
  const path: string[] = [];
  for (const segment of segments)
    path.push(keysAt(root, path).find((key) => plain(key) === plain(segment)) ?? segment.toLowerCase());
  return path;
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** Puts overrides into `value` (a fresh plain object), making sections and list entries on the way. */
export function applyOverrides(
  value: unknown,
  overrides: readonly Override[],
): { value: unknown; problems: Problem[] } {
  const root: Container = { value };
  const problems: Problem[] = [];
  for (const { path, value: replacement, location } of overrides) {
    const problem = put(root, ['value', ...path], replacement);
    if (problem !== null) problems.push({ location, path, message: problem, suggestion: null });
  }
  return { value: root['value'], problems };
}

type Container = Record<string | number, unknown>;

/** Returns what is wrong with the path, or null. */
function put(root: Container, path: Path, replacement: unknown): string | null {
  let container = root;
  for (const [depth, name] of path.entries()) {
    if (Array.isArray(container) && !(Number(name) <= container.length))
      return `the list has ${container.length} entries`;
    if (depth === path.length - 1) {
      container[name] = replacement;
      return null;
    }
    const inner = Object.hasOwn(container, name) ? container[name] : undefined;
    const isContainer = typeof inner === 'object' && inner !== null;
    const made = /^\d+$/.test(String(path[depth + 1])) ? [] : {};
    container[name] = isContainer ? inner : made;
    container = container[name] as Container;
  }
  return null;
}
