import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseAgainst } from '../../../src/config/parse.js';
import { schemaTree } from '../../../src/config/schema-tree.js';
import { readSecret, secretKey } from '../../../src/config/secret.js';

const schema = z.strictObject({ broker: z.strictObject({ password: secretKey('Password.') }) });
const tree = schemaTree(schema);
const read = (text: string, env = {}, overrides: string[] = []) =>
  parseAgainst(schema, tree, text, 'a.yaml', { env, overrides });

describe('a secret key', () => {
  it('holds a reference', () => {
    expect(read('broker: {password: {env: PASSWORD}}').broker.password).toEqual({ env: 'PASSWORD' });
    expect(read('broker: {password: {file: p.txt}}').broker.password).toEqual({ file: 'p.txt' });
  });

  it('refers to the variable that overrides it, so that the secret is never in the configuration', () => {
    const config = read('broker: {password: {file: p.txt}}', { DADIN_BROKER__PASSWORD: 'hunter2' });
    expect(config.broker.password).toEqual({ env: 'DADIN_BROKER__PASSWORD' });
    expect(JSON.stringify(config)).not.toContain('hunter2');
  });

  it.each(['hunter2', '{env: 1, x: hunter2}', '[hunter2]', '12345'])(
    'refuses a literal without repeating it: %s',
    (literal) => {
      for (const attempt of [
        () => read(`broker: {password: ${literal}}`),
        () => read('', {}, [`broker.password=${literal}`]),
      ]) {
        expect(attempt).toThrow('a secret never stands in the configuration itself');
        expect(attempt).not.toThrow(/hunter2|12345/);
      }
    },
  );
});

describe('readSecret', () => {
  it('reads the environment', async () => {
    const where = { env: { PASSWORD: 'hunter2', EMPTY: '' }, baseDirectory: '.' };
    expect(await readSecret({ env: 'PASSWORD' }, where)).toBe('hunter2');
    await expect(readSecret({ env: 'EMPTY' }, where)).rejects.toThrow('EMPTY is not set');
    await expect(readSecret({ env: 'OTHER' }, where)).rejects.toMatchObject({ code: 'DADIN_CONFIG_INVALID' });
  });

  it('reads a file without its line end', async () => {
    const baseDirectory = await mkdtemp(join(tmpdir(), 'dadin-secret-'));
    await writeFile(join(baseDirectory, 'p.txt'), 'hunter2 \r\n');
    expect(await readSecret({ file: 'p.txt' }, { env: {}, baseDirectory })).toBe('hunter2 ');
    await expect(readSecret({ file: 'q.txt' }, { env: {}, baseDirectory })).rejects.toThrow(
      'cannot read the secret file',
    );
    await rm(baseDirectory, { recursive: true });
  });
});
