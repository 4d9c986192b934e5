import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/config/index.js';
import { findLogs } from '../../../../src/inspection/proposal/find-logs.js';
import type { Guess } from '../../../../src/inspection/proposal/guess.js';
import { propose } from '../../../../src/inspection/proposal/propose.js';
import type { Decider } from '../../../../src/inspection/proposal/propose-log.js';
import { writeConfiguration } from '../../../../src/inspection/proposal/write-configuration.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dadin-init-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function put(name: string, lines: readonly string[]): string {
  const path = join(directory, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** Answers by a part of the question; takes the guess otherwise. */
function decider(answers: Readonly<Record<string, string>> = {}): Decider {
  return {
    choose: async (question: string, guess: Guess<string> | null) =>
      Object.entries(answers).find(([part]) => question.includes(part))?.[1] ?? guess?.value ?? 'NOTHING',
  };
}

async function configFrom(from: string, answers = {}) {
  const text = await writeConfiguration(
    await propose(await findLogs(from), decider(answers)),
    directory,
    'schema.json',
  );
  return { text, config: parseConfig(text, 'proposed.yaml') };
}

const row = (i: number) => `u${i % 7},i${i % 11},${1_700_000_000 + i * 60},${+(i % 4 === 0)},${(i % 11) % 3}`;
const log = (count: number) => ['userId,itemId,ts,clicked,topic', ...Array.from({ length: count }, (_, i) => row(i))];

describe('a file without records', () => {
  it.each([
    ['rubbish.csv', Buffer.from([0x8f, 0x00, 0xff, 0x2c, 0xfe, 0x0a, 0xc3, 0x28]), '8f 00 ff 2c fe 0a c3 28'],
    ['zeros.csv', Buffer.from([0, 0, 0, 10, 0, 10]), '00 00 00 0a 00 0a'],
    ['prose.jsonl', Buffer.from('no JSON here\n'), '"no JSON here\\n"'],
    ['header.csv', Buffer.from('user,item\n'), '"user,item\\n"'],
  ])('%s is refused with its first bytes', async (name, bytes, got) => {
    const path = join(directory, name);
    writeFileSync(path, bytes);
    await expect(propose(await findLogs(path), decider())).rejects.toMatchObject({
      code: 'DADIN_SOURCE_UNREADABLE',
      details: { got },
    });
  });
});

describe('a proposal reads back as what was guessed', () => {
  it('two logs in a folder, other files left alone', async () => {
    put('ads.csv', log(300));
    put('news-01.csv', log(300));
    put('news-02.csv', log(300));
    put('truth.csv', ['p', '1']);
    writeFileSync(join(directory, 'notes.yaml'), 'x: 1');
    const { config, text } = await configFrom(directory);
    const [target, source] = config.input.files;
    expect(target).toMatchObject({ domain: 'target', paths: ['ads.csv'] });
    expect(source).toMatchObject({ domain: 'source', paths: ['news*.csv'] });
    expect(target?.columns).toMatchObject({
      userId: 'userId',
      itemId: 'itemId',
      eventTime: { column: 'ts', format: 's' },
      label: { column: 'clicked', equals: ['1'], negatives: ['0'] },
      itemFeatures: { topic: { column: 'topic' } },
    });
    expect(config.features.shared).toEqual(['topic']);
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=schema.json');
  });

  it('names that tell nothing: the larger log is the source, and it is said', async () => {
    put('a.csv', log(100));
    put('b.csv', log(300));
    const { config, text } = await configFrom(join(directory, '*.csv'));
    expect(config.input.files.map(({ domain, paths }) => [domain, paths[0]])).toEqual([
      ['target', 'a.csv'],
      ['source', 'b.csv'],
    ]);
    expect(text).toContain('swap the two');
    const swapped = await configFrom(join(directory, '*.csv'), { 'target domain': 'b.csv' });
    expect(swapped.config.input.files[0]).toMatchObject({ domain: 'target', paths: ['b.csv'] });
  });

  it('one log with a column of domains, in JSON Lines with messages', async () => {
    const lines = Array.from({ length: 50 }, (_, i) => [
      {
        kind: 'impression',
        id: `${i}`,
        impressionId: `r${i}`,
        uid: 'a',
        item: 'x',
        time: 1.7e12 + i * 1e6,
        part: i % 2 ? 'ads' : 'news',
      },
      {
        kind: 'click',
        id: `${i}c`,
        impressionId: `r${i}`,
        uid: 'a',
        item: 'x',
        time: 1.7e12 + i * 1e6 + 9e5,
        part: i % 2 ? 'ads' : 'news',
      },
    ]).flat();
    const path = put(
      'all.jsonl',
      lines.map((line) => JSON.stringify(line)),
    );
    const { config } = await configFrom(path);
    expect(config.input.files).toHaveLength(1);
    expect(config.input.files[0]).toMatchObject({
      domain: { column: 'part', target: ['ads'], source: ['news'] },
      format: 'jsonl',
      columns: {
        eventId: 'id',
        impressionId: 'impressionId',
        kind: { column: 'kind', impression: ['impression'], click: ['click'] },
        label: { later: true },
      },
    });
    expect(config.labels.attributionWindowMs).toBe(1_800_000); // clicks come after 15 minutes
  });

  it('odd names and values cannot break the YAML', async () => {
    const odd = 'a: "b" #c';
    put('ads.csv', [
      `"a: ""b"" #c",itemId,ts,yes,userId`,
      ...Array.from({ length: 30 }, (_, i) => `"x\r ${i % 3}",${i},${1_700_000_000 + i},${i % 2},u`),
    ]);
    put('news.csv', log(30));
    const { config } = await configFrom(directory);
    const { userFeatures, itemFeatures } = config.input.files[0]!.columns;
    expect(Object.keys({ ...userFeatures, ...itemFeatures }).sort()).toEqual([odd, 'yes']);
    expect(config.input.files[0]!.columns.label).toEqual({ always: 'clicked' });
  });

  it('answers replace guesses', async () => {
    put('ads.csv', log(30));
    put('news.csv', log(30));
    const { config } = await configFrom(directory, {
      'ads.csv: column of the user': 'topic',
      'news.csv: column of the label': 'none',
    });
    expect(config.input.files[0]!.columns.userId).toBe('topic');
    expect(config.input.files[1]!.columns.label).toEqual({ always: 'clicked' });
  });
});

describe('refusals', () => {
  it.each([
    ['one log without domains', () => put('clicks.csv', log(20)), 'tells ads from news'],
    [
      'three unnamed logs',
      () => {
        for (const name of ['a', 'b', 'c']) put(`${name}.csv`, log(20));
        return directory;
      },
      'which domain',
    ],
    [
      'an empty folder',
      () => {
        mkdirSync(join(directory, 'empty'));
        return join(directory, 'empty');
      },
      'holds no log',
    ],
    ['nothing there', () => join(directory, 'nothing.csv'), 'no file matches'],
  ])('%s', async (_, make, message) => {
    await expect(configFrom(make())).rejects.toThrow(message);
  });
});
