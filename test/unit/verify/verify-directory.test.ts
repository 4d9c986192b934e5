import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/verify/verdict.js';
import { verifyDirectory } from '../../../src/verify/verify-directory.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

async function verdictsOf(directory: string): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  await verifyDirectory(directory, (verdict) => verdicts.push(verdict));
  return verdicts;
}

it('finds nothing wrong with the committed fixtures, on every engine that loads', async () => {
  const verdicts = await verdictsOf(FIXTURES);
  expect(verdicts.filter(({ status }) => status === 'MISS')).toEqual([]);
  const reference = verdicts.filter(({ subject, status }) => subject === 'reference' && status === 'ok');
  expect(reference).toHaveLength(18);
  const formulas = ['delayed', 'drift', 'metrics', 'optimisers', 'resample', 'synth_small'];
  for (const name of formulas)
    expect(verdicts).toContainEqual(expect.objectContaining({ file: `${name}.json`, status: 'ok' }));
});

describe('a directory that', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'verify-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it.each([
    'delayed',
    'drift',
    'metrics',
    'optimisers',
    'resample',
    'synth_small',
    'dadin_train5',
    'dadin_full',
    'model_minet',
  ])('holds a %s.json with one number changed is told from a right one', async (name) => {
    const text = await readFile(join(FIXTURES, `${name}.json`), 'utf8');
    await writeFile(join(directory, `${name}.json`), JSON.stringify(disturbed(JSON.parse(text))));
    expect((await verdictsOf(directory)).map(({ status }) => status)).toContain('MISS');
  });

  it('holds names or models nobody knows skips them, and says why', async () => {
    const unknown = JSON.parse(await readFile(join(FIXTURES, 'model_fm.json'), 'utf8'));
    unknown.config.model = 'oracle';
    await writeFile(join(directory, 'model_oracle.json'), JSON.stringify(unknown));
    await writeFile(join(directory, 'strange.json'), '{}');
    await writeFile(join(directory, 'notes.txt'), '');
    const verdicts = await verdictsOf(directory);
    expect(verdicts.every(({ status }) => status === 'skip')).toBe(true);
    expect(verdicts).toContainEqual(
      expect.objectContaining({ subject: 'reference', detail: 'no model oracle is known' }),
    );
    expect(verdicts.at(-1)).toMatchObject({ file: 'strange.json', detail: 'no check is known for this name' });
  });

  it('holds a broken fixture is a miss and not the end', async () => {
    await writeFile(join(directory, 'delayed.json'), '{"fnw": [[');
    await copyFile(join(FIXTURES, 'resample.json'), join(directory, 'resample.json'));
    expect((await verdictsOf(directory)).map(({ status }) => status)).toEqual(['MISS', 'ok']);
  });

  it('is empty, missing or a file is refused', async () => {
    await mkdir(join(directory, 'empty'));
    await writeFile(join(directory, 'file'), '');
    for (const name of ['empty', 'missing', 'file']) {
      await expect(verdictsOf(join(directory, name))).rejects.toMatchObject({ code: 'DADIN_USAGE' });
    }
  });
});

/** One expected figure of each kind of fixture, moved. */
function disturbed(fixture: Record<string, unknown>): Record<string, unknown> {
  const f = fixture as {
    fnw?: number[][];
    streams?: Record<string, { ddm: number[] }>;
    all?: { auc: number };
    after?: { rowAdagrad: { data: number[] }[] };
    valid?: number[];
    bayesAuc?: { target: number };
    finalLogit?: { data: number[] };
    grads?: Record<string, { data: number[] }>;
  };
  if (f.fnw) f.fnw[0]![1]! += 1e-6;
  if (f.streams) Object.values(f.streams)[0]!.ddm.push(5);
  if (f.all) f.all.auc += 1e-6;
  if (f.after) f.after.rowAdagrad[2]!.data[1]! += 1e-4;
  if (f.valid) f.valid.pop();
  if (f.bayesAuc) f.bayesAuc.target += 1e-6;
  if (f.finalLogit) f.finalLogit.data[3]! += 1e-3;
  if (f.grads) f.grads['att.t.W']!.data[7]! += 1e-3;
  return fixture;
}
