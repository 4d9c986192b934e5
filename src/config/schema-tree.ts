import { z } from 'zod';

/** The JSON Schema of the configuration as far as we read it ourselves. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly learning?: boolean;
  readonly secret?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** JSON Schema (draft 2020-12) of what may be written, not of what parsing makes of it. */
export function schemaTree(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // bounds that every whole number has say nothing
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      delete jsonSchema.propertyNames;
    },
  }) as SchemaNode;
}

export type Path = readonly (string | number)[];

/** All alternatives that may stand at `path`; none where the path leads nowhere. */
export function nodesAt(root: SchemaNode, path: Path): readonly SchemaNode[] {
  let nodes = alternatives(root);
  for (const segment of path) nodes = nodes.flatMap((node) => childAt(node, segment)).flatMap(alternatives);
  return nodes;
}

function childAt(node: SchemaNode, segment: string | number): SchemaNode[] {
  if (node.properties !== undefined && Object.hasOwn(node.properties, segment)) return [node.properties[segment]!];
  if (typeof node.additionalProperties === 'object') return [node.additionalProperties];
  if (node.items !== undefined && /^\d+$/.test(String(segment))) return [node.items];
  return [];
}

function alternatives(node: SchemaNode): SchemaNode[] {
  return node.anyOf === undefined ? [node] : [node, ...node.anyOf.flatMap(alternatives)];
}

/** Names that may be written at `path`. */
export function keysAt(root: SchemaNode, path: Path): readonly string[] {
  return [...new Set(nodesAt(root, path).flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** A marked key: its value is taken as a whole. `path` has `*` for the entries of a list of sections. */
export interface Key {
  readonly path: readonly string[];
  readonly node: SchemaNode;
  readonly required: boolean;
}

/** Every marked key below `node`, in the order of writing. */
export function keysOf(node: SchemaNode, path: readonly string[] = [], required = false): readonly Key[] {
  if (node.learning !== undefined) return [{ path, node, required }];
  if (node.items !== undefined) return keysOf(node.items, [...path, '*']);
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    keysOf(child, [...path, name], node.required?.includes(name) ?? false),
  );
}
