import { createHash } from 'node:crypto';
import type { Config } from './config.js';
import { jsonSchema } from './parse.js';
import type { SchemaNode } from './schema-tree.js';

type Leaves = ReadonlyMap<string, string>;

/** SHA-256 (hex) over the canonical JSON of the learning keys: what a checkpoint's lineage names. */
export function configDigest(config: Config): string {
  return createHash('sha256')
    .update(JSON.stringify([...learningLeaves(config)]))
    .digest('hex');
}

/**
 * Paths of the learning keys in which a configuration differs from another one, sorted; the other comes from a
 * checkpoint and may be older than some keys.
 */
export function learningDifferences(config: Config, other: unknown): string[] {
  const [left, right] = [learningLeaves(config), learningLeaves(other)];
  return [...new Set([...left.keys(), ...right.keys()])].filter((path) => left.get(path) !== right.get(path)).sort();
}

/** Path -> canonical JSON, sorted by path; of the inputs only the chosen one counts. */
function learningLeaves(config: unknown): Leaves {
  const leaves: [string, string][] = [];
  collect(jsonSchema(), config, '', leaves);
  const { input } = config as { readonly input?: { readonly kind?: unknown } };
  const isUsed = (path: string): boolean => !path.startsWith('input.') || path.startsWith(`input.${input?.kind}.`);
  return new Map(leaves.filter(([path]) => isUsed(path)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function collect(node: SchemaNode, value: unknown, path: string, leaves: [string, string][]): void {
  if (value === undefined || node.learning === false) return;
  if (node.learning === true) {
    leaves.push([path, canonical(value)]);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value) && node.items !== undefined) {
    for (const [index, item] of value.entries()) collect(node.items, item, join(path, String(index)), leaves);
    return;
  }
  const section = value as Readonly<Record<string, unknown>>;
  for (const [name, child] of Object.entries(node.properties ?? {}))
    collect(child, section[name], join(path, name), leaves);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** JSON with the keys of every object sorted. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
