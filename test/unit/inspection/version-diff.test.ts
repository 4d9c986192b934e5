import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { diffVersions, isVersion, readWholeVersion } from '../../../src/inspection/version-diff.js';
import { VersionDirectory } from '../../../src/versions/index.js';
import { PublishingRun } from '../client/publishing-run.js';

const directory = mkdtempSync(join(tmpdir(), 'dadin-version-diff-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const folder = (number: number) => join(directory, `version-${String(number).padStart(8, '0')}`);

it('reads a delta with all that it goes back to, and tells versions apart row by row', async () => {
  const run = await PublishingRun.start(
    new VersionDirectory(directory),
    ['publish.keep=100', 'publish.everySteps=1'],
    1200,
  );
  // every row is there by now, and few change in a step
  for (let i = 0; i < 40; i++) await run.toNextVersion();
  const kept = await new VersionDirectory(directory).kept();
  const [a, b] = [kept.at(-9)!.number, kept.at(-1)!.number];
  expect(await isVersion(folder(b))).toBe(true);
  expect(await isVersion(directory)).toBe(false);

  const whole = await readWholeVersion(folder(b));
  expect(whole.manifest.kind).toBe('delta');
  const embedding = run.engine.serving('to compare').tables.find(({ name }) => name === 'embedding')!;
  const rows = embedding.columns[0]!;
  const width = rows.shape[1]!;
  const got = whole.columns.get(`embedding.${rows.name}`)!;
  const expected = new Map(
    Array.from(embedding.ids, (id, i) => [id, [...rows.data.subarray(i * width, (i + 1) * width)]]),
  );
  const read = new Map(got.ids.map((id, i) => [id, [...got.rows.data.subarray(i * width, (i + 1) * width)]]));
  expect(read).toEqual(expected);

  const same = await diffVersions(folder(b), folder(b));
  expect(same.tables.every(({ changed, onlyA, onlyB }) => changed + onlyA + onlyB === 0)).toBe(true);
  expect(same.distances.every(({ greatest }) => greatest === 0)).toBe(true);

  const diff = await diffVersions(folder(a), folder(b));
  const table = diff.tables.find(({ name }) => name === `embedding.${rows.name}`)!;
  const first = await readWholeVersion(folder(a));
  expect(table.both + table.onlyA).toBe(first.columns.get(table.name)!.ids.length);
  expect(table.both + table.onlyB).toBe(expected.size);
  const before = first.columns.get(table.name)!;
  const changed = before.ids.filter((id, i) => {
    const now = expected.get(id);
    return now?.some((value, j) => value !== before.rows.data[i * width + j]);
  });
  expect(table.changed).toBe(changed.length);
  expect(table.changed).toBeGreaterThan(0);
});

it('a delta whose chain is broken is no version to look at', async () => {
  const kept = await new VersionDirectory(directory).kept();
  const delta = kept.findLast(({ manifest }) => manifest.kind === 'delta')!;
  rmSync(folder(delta.number - 1), { recursive: true });
  await expect(readWholeVersion(folder(delta.number))).rejects.toMatchObject({ code: 'DADIN_VERSION_GAP' });
});
