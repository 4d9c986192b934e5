import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/config.js';
import { configDigest, defaultConfig, learningDifferences, parseConfig } from '../../../src/config/index.js';
import { keysOf, schemaTree } from '../../../src/config/schema-tree.js';

const FILES = (columns: string, paths: string) =>
  `input: {kind: files, files: [{domain: target, paths: [${paths}], columns: {${columns}}}]}`;
const COLUMNS = 'userId: u, itemId: i, label: {later: true}, userFeatures: {a: x, b: {column: y, list: true}}';

describe('configDigest', () => {
  it('does not depend on the order of writing, nor on how defaults and features are spelled', () => {
    const a = parseConfig('batching: {size: 8, maxReplays: 1}\nhistory: {length: 5}', 'a.yaml');
    const b = parseConfig('history: {length: 5}\nbatching: {size: 8}', 'b.yaml');
    expect(configDigest(a)).toBe(configDigest(b));
    const other =
      'label: {later: true}, userFeatures: {b: {list: true, column: y}, a: {column: x}}, itemId: i, userId: u';
    expect(configDigest(parseConfig(FILES(COLUMNS, 'a.csv'), 'a.yaml'))).toBe(
      configDigest(parseConfig(FILES(other, 'b.csv, c.csv'), 'b.yaml')),
    );
  });

  it('is SHA-256 in hex and survives JSON, as in a manifest', () => {
    expect(configDigest(defaultConfig())).toMatch(/^[0-9a-f]{64}$/);
    expect(learningDifferences(defaultConfig(), JSON.parse(JSON.stringify(defaultConfig())))).toEqual([]);
  });

  it('follows every learning key with a default, and no other', () => {
    const base = defaultConfig();
    for (const { path, node } of keysOf(schemaTree(configSchema))) {
      // input.kind says which inputs count: see below
      if (path.includes('*') || node.default === undefined || path.join('.') === 'input.kind') continue;
      const changed = structuredClone(base) as unknown as Record<string, unknown>;
      const name = path.at(-1)!;
      const section = path.slice(0, -1).reduce((inner, key) => inner[key] as Record<string, unknown>, changed);
      section[name] = section[name] === 'changed' ? 'again' : 'changed';
      const differences = learningDifferences(base, changed);
      expect(differences, path.join('.')).toEqual(node.learning === true ? [path.join('.')] : []);
      expect(configDigest(changed as unknown as typeof base) === configDigest(base)).toBe(node.learning !== true);
    }
  });

  it('counts only the chosen input', () => {
    const files = FILES(COLUMNS, 'a.csv');
    const a = parseConfig(files, 'a.yaml');
    const b = parseConfig(files, 'a.yaml', { overrides: ['input.synthetic.seed=9'] });
    expect(learningDifferences(a, b)).toEqual([]);
    expect(learningDifferences(a, defaultConfig())).toContain('input.files.0.columns.userId');
  });
});

describe('learningDifferences', () => {
  it('names the keys, sorted', () => {
    const paper = defaultConfig(['model.preset=paper']);
    const other = defaultConfig([
      'model.preset=small',
      'batching.size=9',
      'name=x',
      'checkpoint.keep=1',
      'input.synthetic.users=3',
    ]);
    expect(learningDifferences(paper, other)).toEqual([
      'batching.size',
      'input.synthetic.users',
      'model.hidden',
      'model.width',
    ]);
  });

  it('takes what an older checkpoint did not know as different', () => {
    const older = JSON.parse(JSON.stringify(defaultConfig()));
    delete older.model.linear;
    delete older.history;
    expect(learningDifferences(defaultConfig(), older)).toEqual([
      'history.clickedOnly',
      'history.length',
      'history.maxAgeMs',
      'history.maxItems',
      'history.maxUsers',
      'history.sourceClicks',
      'model.linear',
    ]);
  });
});
