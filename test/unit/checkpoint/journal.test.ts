import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Journal, journalPath, readJournal } from '../../../src/checkpoint/index.js';
import type { Decision } from '../../../src/core/index.js';

const directories: string[] = [];
afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dadin-journal-'));
  directories.push(directory);
  return directory;
}

function at(partition: string, position: bigint, timeMs: number): Decision {
  return { kind: 'watermark', partition, position, timeMs };
}

it('a decision is in the file once it is taken, exactly, and the last at a place stands for all', async () => {
  const directory = await newDirectory();
  const journal = await Journal.open(directory);
  await journal.append(at('ads/0', 2n ** 60n, 1_700_000_000_123));
  await journal.append(at('news/1', 0n, -5));
  await journal.append(at('news/1', 0n, 7));
  expect(await readFile(journalPath(directory), 'utf8')).toContain('1152921504606846976');
  await journal.close();
  const again = await Journal.open(directory);
  expect(again.decisions()).toEqual([at('ads/0', 2n ** 60n, 1_700_000_000_123), at('news/1', 0n, 7)]);
  await again.close();
});

it('a line cut off by a crash was never taken; any other damage is an error', async () => {
  const directory = await newDirectory();
  const journal = await Journal.open(directory);
  await journal.append(at('ads/0', 3n, 10));
  await journal.close();
  await appendFile(journalPath(directory), '{"kind":"watermark","partition":"ads/0","posit');
  expect(await readJournal(journalPath(directory))).toEqual([at('ads/0', 3n, 10)]);
  for (const line of [
    'garbage',
    '{"kind":"freeze","partition":"ads/0","position":"1","timeMs":1}',
    '{"kind":"watermark"}',
  ]) {
    await writeFile(journalPath(directory), `${line}\n`);
    await expect(Journal.open(directory)).rejects.toMatchObject({ code: 'DADIN_CHECKPOINT_UNREADABLE' });
  }
});

it('a deposed owner writes where nobody reads', async () => {
  const directory = await newDirectory();
  const deposed = await Journal.open(directory);
  await deposed.append(at('ads/0', 1n, 1));
  const successor = await Journal.open(directory);
  await deposed.append(at('ads/0', 2n, 2));
  await successor.append(at('ads/0', 3n, 3));
  expect(await readJournal(journalPath(directory))).toEqual([at('ads/0', 1n, 1), at('ads/0', 3n, 3)]);
  await deposed.close();
  await successor.close();
});

it('forgets what no checkpoint asks for, but for where each partition stood', async () => {
  const directory = await newDirectory();
  const journal = await Journal.open(directory);
  for (const position of [1n, 2n, 3n, 4n]) await journal.append(at('ads/0', position, Number(position)));
  await journal.append(at('news/0', 9n, 9));
  await journal.prune({ 'ads/0': '3', 'news/0': '5' });
  expect(journal.decisions()).toEqual([at('ads/0', 3n, 3), at('ads/0', 4n, 4), at('news/0', 9n, 9)]);
  await journal.close();
});

it('keeps commands for good, each once by its id, with where a rollback goes back to', async () => {
  const directory = await newDirectory();
  const journal = await Journal.open(directory);
  const request = { id: 'a', command: 'rollback', version: 3, reason: 'bad', resetLearner: true } as const;
  const command = { kind: 'control', events: 70, request, reset: { checkpoint: 'checkpoint-00000002', digest: 'd' } };
  await journal.append(command as Decision);
  await journal.append({ kind: 'control', events: 80, request: { id: 'b', command: 'freeze' }, reset: null });
  await journal.append(at('ads/0', 3n, 10));
  await journal.append(at('ads/0', 5n, 20));
  await journal.prune({ 'ads/0': '9' });
  expect(journal.decisions().map(({ kind }) => kind)).toEqual(['control', 'control', 'watermark']);
  await journal.close();
  const again = await Journal.open(directory);
  expect(again.decisions()[0]).toEqual(command);
  await again.close();
  for (const line of [
    '{"kind":"control","events":1,"request":{"command":"thaw","id":"x"},"reset":null}',
    '{"kind":"control","request":{"command":"freeze","id":"x"},"reset":null}',
    '{"kind":"control","events":1,"request":{"command":"freeze","id":"x"},"reset":{}}',
  ]) {
    await writeFile(journalPath(directory), `${line}\n`);
    await expect(Journal.open(directory)).rejects.toMatchObject({ code: 'DADIN_CHECKPOINT_UNREADABLE' });
  }
});
