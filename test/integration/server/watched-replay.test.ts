import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../pipelines/learning-run.js';
import { fromCsv } from '../../../src/report/index.js';
import { run, start } from '../../drills/command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'dadin-watched-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = [
  'replay',
  ...['--synthetic', 'test'],
  ...[
    'input.synthetic.events=40000',
    'model.preset=paper',
    'model.width=8',
    'model.hidden=[16,8]',
    'batching.size=32',
  ].flatMap((set) => ['--set', set]),
  '--json',
];

describe('a replay that is watched', () => {
  it('learns the same bits as one that is not, and its endpoints say what its summary says', async () => {
    const bare = JSON.parse((await run([...SMALL, '--checkpoints', join(folder, 'bare')])).stdout) as RunSummary;
    process.env['WATCH_TOKEN'] = 'open sesame';
    const watched = start([
      ...SMALL,
      ...['--port', '0', '--set', 'server.token={env: WATCH_TOKEN}', '--checkpoints', join(folder, 'checkpoints')],
      ...['--report', join(folder, 'report.html'), '--log-format', 'json'],
    ]);
    const url = /page\s+(http:[^"]+)"/.exec(await watched.shows('"started"'))![1]!;
    const saved = await fetch(`${url}checkpoint`, { method: 'POST', headers: { authorization: 'Bearer open sesame' } });
    expect(saved.status).toBe(200);
    const { checkpoints } = (await (await fetch(`${url}versions`)).json()) as { checkpoints: { name: string }[] };
    expect(checkpoints.map(({ name }) => name)).toContain('checkpoint 1');
    // readings are taken every two seconds at least
    const metrics = async () => (await fetch(`${url}metrics`)).text();
    await expect.poll(metrics, { timeout: 10_000, interval: 100 }).toMatch(/^dadin_checkpoints_total [1-9]/m);
    expect(await metrics()).toMatch(/^dadin_ready 1$/m);
    const { status, stdout, stderr } = await watched.finished;
    expect(status, stderr).toBe(0);
    const summary = JSON.parse(stdout) as RunSummary;
    expect(summary.digest).toBe(bare.digest);
    for (const line of stderr.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number) });

    const quality = fromCsv(readFileSync(join(folder, 'report.csv'), 'utf8'));
    const lines = readFileSync(join(folder, 'report.metrics.jsonl'), 'utf8').trim().split('\n');
    expect(quality.rows.length).toBe(lines.length);
    const last = JSON.parse(lines.at(-1)!);
    expect(quality.rows.at(-1)![quality.columns.indexOf('targetAuc')]).toBe(last.domains.target.window.auc);
    const operation = fromCsv(readFileSync(join(folder, 'report.operation.csv'), 'utf8'));
    expect(operation.rows.at(-1)![0]).toBe(summary.events);
  });

  it('report draws it again, with a metrics file or without, and two runs side by side', async () => {
    const again = await run(['report', folder, '--out', join(folder, 'again.html')]);
    expect(again.status, again.stderr).toBe(0);
    const page = readFileSync(join(folder, 'again.html'), 'utf8');
    expect(page).toContain('Rolling AUC');
    expect(readFileSync(join(folder, 'again.csv'), 'utf8')).toBe(readFileSync(join(folder, 'report.csv'), 'utf8'));
    const own = join(folder, 'bare');
    const written = readFileSync(join(own, 'report.html'), 'utf8');
    const two = await run(['report', folder, own, '--out', join(folder, 'two.html')]);
    expect(two.status, two.stderr).toBe(0);
    expect((await run(['report', own])).status).toBe(0);
    // only the title says where it lies now
    expect(readFileSync(join(own, 'report.html'), 'utf8').replaceAll(' (bare)', '')).toBe(written);
    const nothing = await run(['report', join(folder, 'checkpoints')]);
    expect([nothing.status, nothing.stderr.split(':')[0]]).toEqual([2, 'DADIN_USAGE']);
  });
});
