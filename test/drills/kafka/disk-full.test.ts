import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/checkpoint/index.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopics, kafkaAt, produce, topicsConfig } from '../../kafka/topics.js';
import { temporaryDirectory } from '../command-line.js';
import { runInProcess } from './in-process.js';
import { drillEvents, outcome } from './live-run.js';

const disk = join(temporaryDirectory('live-full'), 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]).status === 0;
if (!mounted) process.stderr.write('THE DRILL OF A FULL DISK IS SKIPPED: only root may mount a small one\n');
afterAll(() => {
  if (mounted) spawnSync('umount', [disk]);
});

const EVENTS = 3000;

describe.skipIf(noKafka || !mounted)('a disk that fills up under the checkpoints of a live run', () => {
  it('stops it, leaves the group and the last checkpoint whole; with room again it goes on from there', async () => {
    const kafka = kafkaAt(sharedBrokers);
    const topics = await createTopics(kafka, 2);
    const { target, source } = await drillEvents(EVENTS);
    await produce(kafka, topics, { target: target.slice(0, 500), source: source.slice(0, 500) });
    const groupId = uniqueName('full');
    const config = topicsConfig(sharedBrokers, topics, { groupId, idleTimeoutMs: 600_000 });
    const checkpoints = join(disk, 'checkpoints');
    const overrides = ['checkpoint.everySteps=5', `input.kafka.stop={records: ${EVENTS}}`];
    const live = runInProcess(config, checkpoints, overrides);
    await expect.poll(() => whole(checkpoints), { timeout: 30_000 }).toBeGreaterThan(1);
    fill(join(disk, 'filler'));
    await produce(kafka, topics, { target: target.slice(500), source: source.slice(500) });
    await expect(live.finished).rejects.toMatchObject({
      code: 'DADIN_CHECKPOINT_WRITE',
      message: expect.stringContaining('the disk is full'),
    });
    expect(readdirSync(checkpoints)).not.toContain('LOCK');
    expect(await whole(checkpoints)).toBeGreaterThan(0);
    const admin = kafka.admin();
    await admin.connect();
    expect((await admin.describeGroups([groupId])).groups[0]?.members).toEqual([]);
    await admin.disconnect();

    rmSync(join(disk, 'filler'));
    const summary = await runInProcess(config, checkpoints, ['input.kafka.stop=end']).finished;
    expect(summary!.resumedFrom).not.toBeNull();
    expect(summary).toMatchObject({ events: EVENTS, late: 0, duplicates: 0 });
    expect(outcome(summary!)).toEqual(outcome(await replayInProcess(config, ['batching.size=16'])));
  });
});

/** How many checkpoints there are; each of them must be whole. */
async function whole(checkpoints: string): Promise<number> {
  const names = readdirSync(checkpoints).filter((name) => /^checkpoint-\d+$/.test(name));
  for (const name of names) {
    await readCheckpoint(join(checkpoints, name)).catch((error: unknown) => {
      if (readdirSync(checkpoints).includes(name)) throw error; // else a newer one has taken its place meanwhile
    });
  }
  return names.length;
}

function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 1 << 20; size >= 1; size = Math.floor(size / 16)) writeUntilFull(file, Buffer.alloc(size));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  for (;;) {
    try {
      writeSync(file, bytes);
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
      return;
    }
  }
}
