import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { VersionDirectory } from '../../../src/client/index.js';
import { PublishingRun } from '../../unit/client/publishing-run.js';

const root = join(import.meta.dirname, '..', '..', '..');
const program = join(root, 'bin', 'dadin-stream.js');
const directory = mkdtempSync(join(tmpdir(), 'dadin-serve-'));
let run: PublishingRun;
let service: ChildProcess;
let address = '';
let said = '';

beforeAll(async () => {
  run = await PublishingRun.start(new VersionDirectory(directory), ['publish.everySteps=5', 'publish.keep=100'], 1500);
  service = spawn(process.execPath, [program, 'serve', '--versions', directory, '--port', '0', '--poll-ms', '20']);
  service.stderr!.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(() => /scoring at (\S+)\/v1\/score/.test(said));
  address = /scoring at (\S+)\/v1\/score/.exec(said)![1]!;
});
afterAll(() => {
  service.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let k = 0; k < 1500; k++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain: ${said}`);
}

async function served(): Promise<number> {
  const answer = await fetch(`${address}/v1/score`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: { id: 'u1' }, candidates: [{ id: 'i1' }] }),
  });
  return answer.ok ? ((await answer.json()) as { version: number }).version : answer.status;
}

function versions(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, 'versions', directory, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

it('is not ready without a version, then scores with each that comes', async () => {
  expect(await served()).toBe(503);
  for (let number = 1; number <= 4; number++) {
    await run.toNextVersion();
    await until(async () => (await served()) === number);
  }
});

it('tells Prometheus which version is in use and how old its newest event was', async () => {
  const text = await (await fetch(`${address}/metrics`)).text();
  const eventTimeMs = ((await (await fetch(`${address}/v1/version`)).json()) as { eventTimeMs: number }).eventTimeMs;
  expect(text).toMatch(/^dadin_served_version(?:\{.*\})? 4$/m);
  expect(Number(/^dadin_served_event_time(?:\{.*\})? (\S+)$/m.exec(text)![1])).toBe(eventTimeMs / 1000);
  // some may have come together, then the newest alone was taken
  expect(Number(/^dadin_served_delay_count(?:\{.*\})? (\d+)$/m.exec(text)![1])).toBeGreaterThan(0);
});

it('rolls back at one command and goes on at another', async () => {
  const pinned = await versions('--pin', '2', '--reason', 'bad day');
  expect(pinned.stdout).toContain('held at version 2: bad day');
  await until(async () => (await served()) === 2);
  await run.toNextVersion();
  expect(await served()).toBe(2);
  await versions('--release');
  await until(async () => (await served()) === 5);
});

it('shows the lineage and checks it', async () => {
  const { stdout, code } = await versions('--verify');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ +5 {3}(full|delta) /m);
  expect(stdout).toContain('all of them hold');
  const { stdout: json } = await versions('--json');
  expect(JSON.parse(json).versions.map(({ number }: { number: number }) => number)).toEqual([1, 2, 3, 4, 5]);
  const unknown = await versions('--pin', '77');
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toContain('DADIN_USAGE');
});

it('says which version is damaged, and stops on a signal', async () => {
  writeFileSync(join(directory, 'version-00000003', 'model.safetensors'), 'damaged');
  const { stdout, code } = await versions('--verify');
  expect(code).toBe(7);
  expect(stdout).toContain('DADIN_VERSION_UNREADABLE');
  expect(stdout).toContain('version-00000003');
  service.kill('SIGTERM');
  const [exitCode] = (await once(service, 'exit')) as [number];
  expect(exitCode).toBe(0);
});
