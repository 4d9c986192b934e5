import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { generatedFiles, jsonSchema, loadConfig, parseConfig, printConfig } from '../../../src/config/index.js';
import { keysOf, nodesAt, type SchemaNode } from '../../../src/config/schema-tree.js';

const root = join(import.meta.dirname, '../../..');
const ready = readdirSync(join(root, 'configurations')).filter((name) => name.endsWith('.yaml'));

describe('keys', () => {
  const keys = keysOf(jsonSchema());

  it('are all described and marked, sections included', () => {
    expect(keys.length).toBeGreaterThan(90);
    for (const { path, node } of keys) expect(node.description, path.join('.')).toMatch(/[.:]$/);
    const unmarked = (node: SchemaNode, path: string): string[] => {
      if (node.learning !== undefined) return [];
      const inner = node.items ?? node;
      return inner.properties === undefined
        ? [path]
        : Object.entries(inner.properties).flatMap(([name, child]) => unmarked(child, `${path}.${name}`));
    };
    expect(unmarked(jsonSchema(), '')).toEqual([]);
  });

  it('have a default, are required, or come from a preset', () => {
    for (const { path, node, required } of keys)
      expect(node.default !== undefined || required || path[1] === 'synthetic', path.join('.')).toBe(true);
  });

  it('have units in the names of times and sizes', () => {
    for (const { path, node } of keys) {
      if (/\bms\b/.test(node.description ?? '') && !path.includes('columns')) expect(path.join('.')).toMatch(/Ms\b/);
      if (/\bbytes\b/.test(node.description ?? '')) expect(path.at(-1)).toMatch(/Bytes$/);
    }
  });

  it('are valid one by one with their default written out', () => {
    for (const { path, node } of keys) {
      if (path.includes('*') || node.default === undefined) continue;
      expect(nodesAt(jsonSchema(), path)).not.toEqual([]);
      const flag = `${path.join('.')}=${JSON.stringify(node.default)}`;
      if (flag.startsWith('model.preset')) continue;
      // `paper` is the preset that says nothing but the defaults
      const paper = 'model: {preset: paper}';
      expect(parseConfig(paper, 'a.yaml', { overrides: [flag] }), flag).toEqual(parseConfig(paper, 'a.yaml'));
    }
  });
});

describe('ready configurations', () => {
  it('exist', () => {
    expect(ready).toEqual(expect.arrayContaining(['huawei-digix.yaml', 'movielens.yaml', 'synthetic-quick.yaml']));
  });

  it.each(ready)('%s loads, fits the JSON Schema and prints to itself', async (name) => {
    const path = join(root, 'configurations', name);
    const config = await loadConfig(path);
    expect(config.name).toBe(name.replace('.yaml', ''));
    expect(parseConfig(printConfig(config), 'printed')).toEqual(config);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/schemas\/dadin-config\.schema\.json\n/);
    const schema = z.fromJSONSchema(jsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    expect(schema.safeParse(parse(text)).error).toBe(undefined);
    expect(schema.safeParse({ ...parse(text), nam: 1 }).success).toBe(false);
  });
});

describe('generated files', () => {
  it.each(Object.entries(generatedFiles()))('%s is up to date (npm run schema)', (path, content) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(content);
  });
});
