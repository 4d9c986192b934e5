import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DirectoryLock } from '../../../src/checkpoint/directory-lock.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dadin-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const statOf = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');

function lockFor(pid: number): void {
  writeFileSync(join(directory, 'LOCK'), JSON.stringify({ host: hostname(), pid, started: statOf(pid)[19] }));
}

it('is refused while its owner lives', async () => {
  lockFor(process.pid);
  await expect(DirectoryLock.acquire(directory)).rejects.toThrow('another process learns');
});

it('is taken from an owner that was killed, though nobody has asked for its exit code yet', async () => {
  // sleep, in whose place the shell goes on, never asks for the exit code of the shell's child
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30']);
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line);
    await expect.poll(() => statOf(pid)[0], { timeout: 10_000 }).toBe('Z');
    lockFor(pid);
    const lock = await DirectoryLock.acquire(directory);
    expect(await lock.isHeld()).toBe(true);
  } finally {
    parent.kill('SIGKILL');
  }
});
