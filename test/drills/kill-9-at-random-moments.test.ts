import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/index.js';
import { changes, runWell, start, temporaryDirectory } from './command-line.js';
import { messyLog, Outputs, SMALL } from './small-log.js';

const KILLS = 10;

it('ten kills later the digest and every output file are those of an uninterrupted run', async () => {
  const directory = temporaryDirectory('kill');
  const config = await messyLog(directory, 6000);
  const whole = new Outputs(join(directory, 'whole'));
  const expected = await runWell(['run', '--config', config, ...SMALL, ...whole.flags]);
  expect(expected.deadLetters).toBeGreaterThan(expected.late);
  expect(expected.late).toBeGreaterThan(0);
  expect(expected.duplicates).toBeGreaterThan(0);

  const killed = new Outputs(join(directory, 'killed'));
  const args = ['run', '--config', config, ...SMALL, ...killed.flags];
  const random = new SeededRandom(1, 'kill');
  for (let i = 0; i < KILLS; i++) {
    // a few changes in the directory of checkpoints, then some milliseconds: before, within and after writing one
    const after = 1 + random.below(9);
    const run = start(args);
    await changes(killed.checkpoints, after);
    await sleep(random.below(40));
    run.child.kill('SIGKILL');
    expect((await run.finished).signal, `kill ${i} came too late`).toBe('SIGKILL');
  }
  const resumed = await runWell(args);
  expect(resumed.resumedFrom).not.toBeNull();
  expect(resumed).toMatchObject({
    digest: expected.digest,
    events: expected.events,
    deadLetters: expected.deadLetters,
    duplicates: expected.duplicates,
    orphanClicks: expected.orphanClicks,
    domains: expected.domains,
  });
  expect(killed.files()).toEqual(whole.files());
});
