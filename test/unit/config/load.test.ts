import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/index.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dadin-config-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('loadConfig', () => {
  it('reads a file under the environment and flags', async () => {
    const path = join(directory, 'a.yaml');
    await writeFile(path, 'name: a\nbatching: {size: 3}\n');
    const config = await loadConfig(path, { env: { DADIN_NAME: 'b' }, overrides: ['history.length=4'] });
    expect(config).toMatchObject({ name: 'b', batching: { size: 3 }, history: { length: 4 } });
  });

  it('tells the places with the path that was given', async () => {
    const path = join(directory, 'a.yaml');
    await writeFile(path, 'name: a\nsed: 1\n');
    await expect(loadConfig(path)).rejects.toThrow(`${path}:2:1: sed: unknown key (did you mean "seed"?)`);
  });

  it('asks for the file that was meant', async () => {
    await writeFile(join(directory, 'movielens.yaml'), '');
    await expect(loadConfig(join(directory, 'movielense.yaml'))).rejects.toMatchObject({
      code: 'DADIN_CONFIG_NOT_FOUND',
      message: expect.stringContaining(`did you mean "${join(directory, 'movielens.yaml')}"?`),
    });
  });

  it('refuses a directory with the reason', async () => {
    await expect(loadConfig(directory)).rejects.toMatchObject({
      code: 'DADIN_CONFIG_NOT_FOUND',
      message: expect.stringContaining('EISDIR'),
    });
  });
});
