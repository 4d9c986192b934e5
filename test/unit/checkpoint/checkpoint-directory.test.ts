import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointDirectory, type CheckpointFacts, readCheckpoint } from '../../../src/checkpoint/index.js';

const FACTS: CheckpointFacts = {
  step: 5,
  events: 100,
  config: { seed: 1 },
  configDigest: 'abc',
  backend: 'reference',
  backendSettings: {},
  positions: { ads: '100' },
  eventTimeMs: 12,
  digest: 'def',
  metrics: null,
};

const content = (value: number) => ({
  fold: { value, big: 12n },
  learner: {
    model: [{ name: 'w', shape: [2], data: Float32Array.of(value, 2) }],
    optimizer: [{ name: 'm', shape: [1], data: Float32Array.of(3) }],
    rest: { step: value },
  },
});

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'dadin-checkpoints-'));
});
afterEach(async () => {
  await rm(path, { recursive: true, force: true });
});

describe('CheckpointDirectory', () => {
  it('writes, verifies, numbers, keeps the newest K, and reads back the newest', async () => {
    const directory = await CheckpointDirectory.own(path, 2);
    for (const value of [1, 2, 3]) await directory.write(content(value), FACTS);
    expect((await readdir(path)).sort()).toEqual(['LOCK', 'checkpoint-00000002', 'checkpoint-00000003']);
    const { checkpoint, skipped } = await directory.newest();
    expect(skipped).toEqual([]);
    expect(checkpoint).toMatchObject({
      ...content(3),
      manifest: { number: 3, parent: 2, step: 5, positions: { ads: '100' } },
    });
    await directory.release();
    expect(await readdir(path)).not.toContain('LOCK');
  });

  it('falls back to the newest whole one when files are damaged, and says which it skipped', async () => {
    const directory = await CheckpointDirectory.own(path, 5);
    for (const value of [1, 2, 3, 4]) await directory.write(content(value), FACTS);
    await truncate(join(path, 'checkpoint-00000004/model.safetensors'), 10);
    await rm(join(path, 'checkpoint-00000003/manifest.json'));
    const { checkpoint, skipped } = await directory.newest();
    expect(checkpoint?.manifest.number).toBe(2);
    expect(skipped.map(({ error }) => error.code)).toEqual([
      'DADIN_CHECKPOINT_UNREADABLE',
      'DADIN_CHECKPOINT_UNREADABLE',
    ]);
    await directory.release();
  });

  it.each(['null', '7', '{"product":"dadin-stream","format":1,"files":null}'])(
    'passes over a checkpoint whose manifest is %s',
    async (manifest) => {
      const directory = await CheckpointDirectory.own(path, 5);
      for (const value of [1, 2]) await directory.write(content(value), FACTS);
      await writeFile(join(path, 'checkpoint-00000002/manifest.json'), manifest);
      const { checkpoint, skipped } = await directory.newest();
      expect([checkpoint?.manifest.number, skipped.length]).toEqual([1, 1]);
      await directory.release();
    },
  );

  it('ignores and removes what a crash left half written', async () => {
    await mkdir(join(path, '.writing-checkpoint-00000001'));
    const directory = await CheckpointDirectory.own(path, 5);
    expect((await directory.newest()).checkpoint).toBeNull();
    expect(await readdir(path)).toEqual(['LOCK']);
    await directory.release();
  });

  it('refuses a second owner, and takes over from a dead one', async () => {
    const directory = await CheckpointDirectory.own(path, 1);
    await expect(CheckpointDirectory.own(path, 1)).rejects.toMatchObject({
      code: 'DADIN_CHECKPOINT_LOCKED',
      retryable: true,
    });
    await directory.release();

    const gone = spawn('true');
    await new Promise((resolve) => gone.on('exit', resolve));
    await writeFile(join(path, 'LOCK'), JSON.stringify({ pid: gone.pid, started: '1' }));
    await (await CheckpointDirectory.own(path, 1)).release();
    // a living process of that number, but started at another time: a recycled id
    await writeFile(join(path, 'LOCK'), JSON.stringify({ pid: process.pid, started: '1' }));
    await (await CheckpointDirectory.own(path, 1)).release();
  });

  it('refuses a checkpoint of another format or with a digest that does not hold', async () => {
    const directory = await CheckpointDirectory.own(path, 5);
    await directory.write(content(1), FACTS);
    const folder = join(path, 'checkpoint-00000001');
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, format: 99 }));
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'DADIN_CHECKPOINT_UNREADABLE' });
    manifest.files['state.bin'].sha256 = '0'.repeat(64);
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    await expect(readCheckpoint(folder)).rejects.toThrow(/state.bin is damaged/);
    await directory.release();
  });

  it('reports a directory that cannot be written with a coded error', async () => {
    await writeFile(join(path, 'file'), '');
    await expect(CheckpointDirectory.own(join(path, 'file'), 1)).rejects.toMatchObject({
      code: 'DADIN_CHECKPOINT_WRITE',
    });
  });
});
