import { jsonSchema } from './parse.js';
import { type Key, keysOf, type SchemaNode } from './schema-tree.js';

const INTRODUCTION = `# Configuration

One YAML file; every key has a default unless it is marked *required*, and an unknown key is an error. \`model.preset\` may
say something else than a default; where nothing is said it is \`default\`: \`model\` width 16, hidden [64, 32, 16], statistics and
linear on, adversary auto; \`batching.size\` 32. This page and
\`schemas/dadin-config.schema.json\` are generated from the same definitions by \`npm run schema\`.

- **Overrides.** \`--set batching.size=64\` wins over the environment, \`DADIN_BATCHING__SIZE=64\`, which wins over the file.
  A double underscore is a dot; entries of a list are numbered from 0 (\`input.files.0.paths\`); values are YAML.
- **Learning** keys change what the model or the fold sees. They make up the configuration digest, and a run resumes only
  under equal ones. All others may change freely.
- **Units** stand in the names: Ms is milliseconds (of event time, never of the clock), Bytes is bytes.
- **Paths** are relative to the configuration file.
- **Secrets** never stand in the file: a key that takes one is written \`{env: NAME}\` or \`{file: PATH}\`.
- **Editors** check and complete the file with this first line:
  \`# yaml-language-server: $schema=../schemas/dadin-config.schema.json\`
`;

/** docs/configuration.md: a table of keys for each section. */
export function configurationMarkdown(): string {
  const sections = new Map<string, Key[]>();
  for (const key of keysOf(jsonSchema())) {
    const name = key.path.length === 1 ? 'top level' : key.path.slice(0, sectionDepth(key)).join('.');
    sections.set(name, [...(sections.get(name) ?? []), key]);
  }
  return [INTRODUCTION, ...[...sections].map(([name, keys]) => sectionText(name, keys))].join('\n');
}

/** `input` is cut in two: the synthetic stream and files have nothing in common. */
function sectionDepth({ path }: Key): number {
  return path[0] === 'input' && path.length > 2 ? 2 : 1;
}

function sectionText(name: string, keys: readonly Key[]): string {
  const rows = keys.map(
    ({ path, node, required }) =>
      `| \`${path.join('.')}\` | ${cell(typeText(node))} | ${defaultText(node, required)} | ${node.learning === true ? 'yes' : 'no'} | ${cell(node.description ?? '')} |`,
  );
  return [
    `## ${name}`,
    '',
    '| key | values | default | learning | what |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function defaultText(node: SchemaNode, required: boolean): string {
  if (required) return '*required*';
  return node.default === undefined ? '' : `\`${JSON.stringify(node.default)}\``;
}

function typeText(node: SchemaNode): string {
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeText))].join(' or ');
  if (node.const !== undefined) return String(node.const);
  if (node.enum !== undefined) return node.enum.join(', ');
  if (node.items !== undefined) return `list of ${typeText(node.items)}`;
  if (node.properties !== undefined) return `{${Object.keys(node.properties).join(', ')}}`;
  if (typeof node.additionalProperties === 'object') return 'map';
  const types = typeof node.type === 'string' ? [node.type] : (node.type ?? []);
  return types.map((type) => (type === 'integer' ? 'whole number' : type === 'string' ? 'text' : type)).join(' or ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
