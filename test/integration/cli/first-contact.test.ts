import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, runWell, temporaryDirectory } from '../../drills/command-line.js';

/** One directory: later tests go on with what the first one made, as a newcomer would. */
const directory = temporaryDirectory('first-contact');
const at = (...names: string[]) => join(directory, ...names);

async function prints(args: readonly string[], status = 0): Promise<string> {
  const finished = await run(args);
  expect(finished.status, finished.stderr).toBe(status);
  return finished.stdout;
}

async function json<T>(args: readonly string[], status = 0): Promise<T> {
  return JSON.parse(await prints([...args, '--json'], status)) as T;
}

interface Checked {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly summary: string }[];
}

/** Lines under `next`: what the output says to run. */
function nextCommands(text: string): string[][] {
  const [, after] = text.split('\nnext\n');
  return (after ?? '')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' ').slice(2));
}

it('simulate, replay, init, validate, inspect, migrate: each says the next command, and it runs as it is', async () => {
  const simulated = await prints(['simulate', '--events', '4000', '--seed', '5', '--out', at('sim')]);
  for (const name of ['target.csv', 'source.csv', 'truth.csv', 'config.yaml'])
    expect(simulated).toContain(at('sim', name));
  expect(nextCommands(simulated)).toEqual([['replay', '--config', at('sim', 'config.yaml')]]);

  const learned = await runWell([
    ...nextCommands(simulated)[0]!,
    '--checkpoints',
    at('old'),
    '--set',
    'checkpoint.everySteps=5',
  ]);
  expect(learned).toMatchObject({ events: 4000, deadLetters: 0 });

  const proposed = await prints(['init', '--from', at('sim'), '--out', at('my.yaml'), '--yes']);
  const [validate, replay] = nextCommands(proposed) as [string[], string[]];
  expect(await prints(validate)).toMatch(/^PASS {2}configuration[\s\S]*0 failed/);
  const schema = /\$schema=(.*)/.exec(readFileSync(at('my.yaml'), 'utf8'))?.[1];
  expect(existsSync(at(schema!))).toBe(true);
  expect(await runWell(replay)).toMatchObject({ events: 4000, deadLetters: 0, duplicates: 0 });

  const listed = await prints(['inspect', at('old')]);
  const [inspect, diff] = nextCommands(listed) as [string[], string[]];
  expect(await prints(inspect)).toContain('every digest holds');
  const compared = await json<{ a: { step: number }; b: { step: number }; distances: { rms: number }[] }>(diff);
  expect(compared.b.step).toBeGreaterThan(compared.a.step);
  expect(compared.distances.some(({ rms }) => rms > 0)).toBe(true);
  const same = await json<{ distances: { rms: number }[]; config: unknown[] }>([
    'inspect',
    '--diff',
    at('old'),
    at('old'),
  ]);
  expect(same.config).toEqual([]);
  expect(same.distances.every(({ rms }) => rms === 0)).toBe(true);

  const text = readFileSync(at('sim', 'config.yaml'), 'utf8');
  writeFileSync(at('sim', 'wide.yaml'), `${text}model: {hidden: [40, 32, 16]}\n`);
  const moved = ['migrate', '--from', at('old'), '--config', at('sim', 'wide.yaml'), '--to', at('new')];
  const migrated = await prints(moved);
  expect(migrated).toContain('model.hidden');
  const { note } = await json<{ note: { startedAnew: string[] } }>([...moved.slice(0, -1), at('again')]);
  expect(note.startedAnew).toEqual(['dnn.0.W', 'dnn.0.b', 'dnn.1.W', 'da.0.W', 'da.0.b', 'da.1.W']);
  const resumed = await runWell(nextCommands(migrated)[0]!);
  expect(resumed).toMatchObject({ events: 4000, steps: learned.steps });
  expect(await prints(['inspect', join(at('new'), 'checkpoint-00000001')])).toContain('migrated from');
});

it('messages in JSON Lines: the written configuration and the proposed one both learn from them', async () => {
  await prints(['simulate', '--events', '3000', '--out', at('messages'), '--messages', '--format', 'jsonl']);
  const own = await runWell(['replay', '--config', at('messages', 'config.yaml')]);
  expect(own).toMatchObject({ samples: 3000, deadLetters: 0 });
  expect(own.duplicates).toBeGreaterThan(0);
  await prints(['init', '--from', at('messages', '*.jsonl'), '--out', at('messages', 'my.yaml'), '--yes']);
  expect(await runWell(['replay', '--config', at('messages', 'my.yaml')])).toMatchObject({
    samples: 3000,
    duplicates: own.duplicates,
    deadLetters: 0,
  });
});

it('a log of clicks only fails on negatives, with what to do', async () => {
  const rows = Array.from({ length: 200 }, (_, i) => `u${i % 20},i${i % 9},${1_700_000_000 + 60 * i}`);
  for (const name of ['ads', 'news']) writeFileSync(at(`${name}.csv`), `user_id,item_id,ts\n${rows.join('\n')}\n`);
  await prints(['init', '--from', at('{ads,news}.csv'), '--out', at('clicks.yaml'), '--yes']);
  const { ok, checks } = await json<Checked>(['validate', '--config', at('clicks.yaml')], 7);
  expect(ok).toBe(false);
  expect(checks.filter(({ status }) => status === 'FAIL').map(({ summary }) => summary.slice(0, 12))).toEqual([
    'no negatives',
    'no negatives',
  ]);
  expect(await prints(['validate', '--config', at('clicks.yaml')], 7)).toContain('sample negatives');
});

it('what is wrong with a configuration is told with its place', async () => {
  writeFileSync(at('wrong.yaml'), 'batching: {sise: 3}\n');
  expect(await prints(['validate', '--config', at('wrong.yaml')], 7)).toContain(
    'wrong.yaml:1:12: batching.sise: unknown key',
  );
  expect((await run(['validate', '--config', at('nothing.yaml')])).status).toBe(2);
  expect(await json<Checked>(['validate', '--config', at('sim', 'config.yaml'), '--max-events', '100'])).toMatchObject({
    ok: true,
  });
});

it.each([
  ['init asks nobody', ['init', '--from', at('ads.csv'), '--out', at('x.yaml')], 2, 'no terminal'],
  ['init replaces no file', ['init', '--from', at('sim'), '--out', at('my.yaml'), '--yes'], 2, '--force'],
  ['init of nothing', ['init', '--from', at('nothing'), '--out', at('x.yaml'), '--yes'], 3, 'DADIN_SOURCE_NOT_FOUND'],
  ['inspect of nothing', ['inspect', at('nothing')], 4, 'DADIN_CHECKPOINT_UNREADABLE'],
  ['inspect of an ordinary folder', ['inspect', at('sim')], 4, '--checkpoints'],
  ['--diff of one', ['inspect', '--diff', at('old')], 2, 'inspect --diff A B'],
  [
    'migrate without a change',
    ['migrate', '--from', at('old'), '--config', at('sim', 'config.yaml'), '--to', at('y')],
    2,
    '--resume',
  ],
  [
    'migrate into a run',
    ['migrate', '--from', at('old'), '--config', at('sim', 'wide.yaml'), '--to', at('new')],
    2,
    '--to',
  ],
  ['simulate of no events', ['simulate', '--events', '0', '--out', at('z')], 2, 'whole number'],
  ['an unknown preset', ['simulate', '--preset', 'x', '--out', at('z')], 2, 'claim1'],
] as const)('%s: refused with a remedy', async (_, args, status, said) => {
  const finished = await run(args);
  expect(finished.status, finished.stderr).toBe(status);
  expect(finished.stderr).toContain(said);
  expect(finished.stdout).toBe('');
});

it('another embedding width is refused, or the rows are dropped', async () => {
  const text = readFileSync(at('sim', 'config.yaml'), 'utf8');
  writeFileSync(at('sim', 'narrow.yaml'), `${text}model: {width: 8, hidden: [64, 32, 8]}\n`);
  const args = ['migrate', '--from', at('old'), '--config', at('sim', 'narrow.yaml'), '--to', at('narrow')];
  const refused = await run(args);
  expect(refused.status).toBe(4);
  expect(refused.stderr).toContain('--drop-embeddings');
  expect(await prints([...args, '--drop-embeddings'])).toContain('embedding rows');
  expect(
    await runWell(['replay', '--config', at('sim', 'narrow.yaml'), '--checkpoints', at('narrow'), '--resume']),
  ).toMatchObject({ events: 4000 });
});

it("simulate never replaces somebody's configuration", async () => {
  const finished = await run(['simulate', '--events', '100', '--out', at('own')]);
  expect(finished.status).toBe(0);
  writeFileSync(at('own', 'config.yaml'), 'name: mine\n');
  expect((await run(['simulate', '--events', '100', '--out', at('own')])).status).toBe(2);
  expect(readFileSync(at('own', 'config.yaml'), 'utf8')).toBe('name: mine\n');
});

it('the generated files of the repository are up to date', async () => {
  expect(await prints(['schema', '--check'])).not.toContain('NOT');
});

it('without arguments it shows its commands', async () => {
  const { stdout } = await run([]);
  for (const name of ['replay', 'run', 'simulate', 'init', 'validate', 'inspect', 'migrate', 'schema']) {
    expect(stdout).toContain(`\n  ${name}`);
  }
});
