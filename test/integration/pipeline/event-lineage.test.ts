import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { eventLineage } from '../../../pipelines/event-lineage.js';
import { replay } from '../../../pipelines/replay.js';
import { loadConfig } from '../../../src/config/index.js';
import { VersionDirectory } from '../../../src/versions/index.js';
import { messyLog } from '../../drills/small-log.js';

const directory = mkdtempSync(join(tmpdir(), 'dadin-lineage-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('names the step and the version in which the learner itself first learned from an event', async () => {
  const log = join(directory, 'log');
  mkdirSync(log);
  const path = await messyLog(log, 1200);
  const versionsIn = join(directory, 'versions');
  const overrides = [
    'model.width=8',
    'model.hidden=[16,8]',
    'batching.size=16',
    'batching.replayShare=0.25',
    'publish.everySteps=20',
    'publish.keep=100',
    `publish.directory=${versionsIn}`,
    'publish.gate={minRows: 0, minAuc: null, maxNe: null, maxMiscalibration: null, maxAucDrop: null}',
  ];
  const config = await loadConfig(path, { env: {}, overrides });
  // what the learner did
  const firstStep = new Map<string, { id: string; domain: number; step: number }>();
  let published = 0;
  const firstVersion = new Map<string, number>();
  await replay(config, {
    baseDirectory: log,
    resume: 'never',
    stop: new AbortController().signal,
    observer: {
      started() {},
      notice() {},
      turn({ turn, report }) {
        for (const { sample } of turn.train) {
          const key = `${sample.domain} ${sample.impressionId}`;
          if (firstStep.has(key)) continue;
          firstStep.set(key, { id: sample.impressionId, domain: sample.domain, step: report!.step });
          firstVersion.set(key, published + 1);
        }
      },
      published: () => void published++,
    },
  });
  const kept = await new VersionDirectory(versionsIn).kept();
  expect(kept.length).toBeGreaterThan(4);
  const places = { baseDirectory: log, notice() {} };
  const learned = [...firstStep].filter(
    ([, { id }]) => [...firstStep.values()].filter((o) => o.id === id).length === 1,
  );
  for (const at of [0, 0.4, 0.99]) {
    const [key, { id, step, domain }] = learned[Math.floor(at * learned.length)]!;
    const lineage = await eventLineage(config, id, kept, places);
    expect([lineage.domain, lineage.learned?.step, lineage.version]).toEqual([
      domain === 1 ? 'target' : 'source',
      step,
      firstVersion.get(key),
    ]);
    expect(lineage.isFirst).toBe(true);
  }
  const [, early] = learned[0]!;
  expect(await eventLineage(config, early.id, kept.slice(2), places)).toMatchObject({ isFirst: false });
  expect(await eventLineage(config, early.id, [], places)).toMatchObject({ version: null });
  await expect(eventLineage(config, 'no such id', kept, places)).rejects.toMatchObject({ code: 'DADIN_USAGE' });
});
