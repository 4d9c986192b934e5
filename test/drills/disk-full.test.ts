import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReplaySummary } from '../../pipelines/replay.js';
import { readCheckpoint } from '../../src/checkpoint/index.js';
import { changes, type Finished, runWell, start, temporaryDirectory } from './command-line.js';
import { messyLog, Outputs, SMALL } from './small-log.js';

// a small disk of its own; only root may mount one
const directory = temporaryDirectory('full');
const disk = join(directory, 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]).status === 0;
afterAll(() => {
  if (mounted) spawnSync('umount', [disk]);
});

describe.skipIf(!mounted)('a disk that fills up while learning', () => {
  const whole = new Outputs(join(directory, 'whole'));
  let config: string;
  let expected: ReplaySummary;
  beforeAll(async () => {
    config = await messyLog(directory, 3000);
    expected = await runWell(['replay', '--config', config, ...SMALL, ...whole.flags]);
  });

  it('under the checkpoints: the previous one stays whole and the run goes on from it once there is room', async () => {
    const outputs = new Outputs(join(disk, 'checkpoint'));
    const args = ['replay', '--config', config, ...SMALL, ...outputs.flags];
    // on the roomy disk
    const elsewhere = new Outputs(join(directory, 'elsewhere'));
    args.push(...elsewhere.flags.slice(2));
    const run = await runUntilFull(args, outputs);
    expect(run.status).toBe(4);
    expect(run.stderr).toContain('DADIN_CHECKPOINT_WRITE: the disk is full');

    const left = readdirSync(outputs.checkpoints);
    expect(left.length).toBeGreaterThan(0);
    for (const name of left) {
      expect(name).toMatch(/^checkpoint-/);
      await readCheckpoint(join(outputs.checkpoints, name));
    }
    rmSync(join(disk, 'filler'));
    expect(await runWell([...args, '--resume'])).toMatchObject({ digest: expected.digest, domains: expected.domains });
    expect(elsewhere.files()).toEqual(whole.files());
  });

  it('under the output files: the run stops, and goes on from its checkpoint once there is room', async () => {
    const elsewhere = new Outputs(join(directory, 'apart'));
    const outputs = new Outputs(join(disk, 'sinks'));
    const args = ['replay', '--config', config, ...SMALL, ...outputs.flags, '--checkpoints', elsewhere.checkpoints];
    const run = await runUntilFull(args, elsewhere);
    expect(run.status).toBe(6);
    expect(run.stderr).toContain('DADIN_SINK_WRITE: the disk is full');
    expect(readdirSync(elsewhere.checkpoints)).not.toContain('LOCK');

    rmSync(join(disk, 'filler'));
    expect(await runWell([...args, '--resume'])).toMatchObject({ digest: expected.digest, domains: expected.domains });
    expect(outputs.files()).toEqual(whole.files());
  });
});

/** Fills the disk after the first checkpoint, and waits for the end that this brings. */
async function runUntilFull(args: readonly string[], { checkpoints }: Outputs): Promise<Finished> {
  const run = start(args);
  await changes(checkpoints, 4);
  const filler = openSync(join(disk, 'filler'), 'w');
  const megabyte = Buffer.alloc(1 << 20);
  try {
    for (;;) writeSync(filler, megabyte);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  } finally {
    closeSync(filler);
  }
  return await run.finished;
}
