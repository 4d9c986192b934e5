import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DirectoryRegistry } from '../../../src/registry/index.js';

it('reads schemas from files named by id', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'dadin-schemas-'));
  try {
    writeFileSync(join(directory, '4.avsc'), '"string"');
    const registry = new DirectoryRegistry(directory);
    expect(await registry.schema(4)).toEqual({ ok: true, schema: '"string"' });
    expect(await registry.schema(5)).toMatchObject({ ok: false, reason: expect.stringContaining('5.avsc') });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
