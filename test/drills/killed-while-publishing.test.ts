import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Scorer, VersionDirectory, VersionFollower } from '../../src/client/index.js';
import { SeededRandom } from '../../src/core/index.js';
import { encodeServing } from '../../src/versions/index.js';
import { changes, runWell, start, temporaryDirectory } from './command-line.js';
import { messyLog, SMALL } from './small-log.js';

/** The long form: DRILL_KILLS=200. */
const KILLS = Number(process.env['DRILL_KILLS'] ?? 4);

it('kills later every version is that of an undisturbed run, and a subscriber loaded no other', async () => {
  const directory = temporaryDirectory('publish');
  const config = await messyLog(directory, 3000);
  const publishing = (name: string) => [
    ...['run', '--config', config, ...SMALL, '--checkpoints', join(directory, name, 'checkpoints')],
    ...['--set', `publish.directory=${join(directory, name, 'versions')}`, '--set', 'publish.everySteps=7'],
    ...['--set', 'publish.fullEvery=3', '--set', 'publish.keep=1000'],
    ...[
      '--set',
      'publish.gate={minRows: 0, minAuc: null, maxNe: null, maxMiscalibration: null, maxAucDrop: null, maxRateShift: null}',
    ],
  ];
  const expected = await runWell(publishing('whole'));
  const whole = await contentsOf(join(directory, 'whole', 'versions'));
  expect(whole.size).toBeGreaterThan(8);

  const versions = join(directory, 'killed', 'versions');
  mkdirSync(versions, { recursive: true });
  const subscriber = await followerOf(versions);
  const loaded = new Set<string>();
  let over = false;
  const following = (async () => {
    for (; !over; await sleep(5)) {
      if (!(await subscriber.follower.advance())) continue;
      const { digest } = subscriber.scorer.version!;
      expect(contentOf(subscriber.scorer)).toBe(whole.get(digest));
      loaded.add(digest);
    }
  })();
  const random = new SeededRandom(2, 'kill');
  let killed = 0;
  for (let i = 0; i < KILLS; i++) {
    const run = start(publishing('killed'));
    // a few names come and go in the directory, then some milliseconds: before, within and after writing a version
    await Promise.race([changes(versions, 1 + random.below(6)), run.finished]);
    await sleep(random.below(20));
    run.child.kill('SIGKILL');
    if ((await run.finished).signal === 'SIGKILL') killed++;
  }
  expect(killed).toBeGreaterThan(0);
  const resumed = await runWell(publishing('killed'));
  await sleep(100);
  over = true;
  await following;
  expect(resumed.digest).toBe(expected.digest);
  expect(await contentsOf(versions)).toEqual(whole);
  expect(loaded.size).toBeGreaterThan(1);
  expect(subscriber.problems).toEqual([]);
});

async function followerOf(path: string) {
  const problems: string[] = [];
  const scorer = await Scorer.create();
  const follower = new VersionFollower(new VersionDirectory(path), scorer, ({ message }) => problems.push(message));
  return { scorer, follower, problems };
}

/** What every version of a directory holds, by its digest. */
async function contentsOf(path: string): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  const scorer = await Scorer.create();
  for (const one of await new VersionDirectory(path).poll()) {
    if (!('version' in one)) throw new Error(`${path} holds something else than versions`);
    const follower = new VersionFollower(
      { poll: async () => [one], rewind() {}, async close() {} },
      scorer,
      (problem) => {
        throw problem;
      },
    );
    await follower.advance();
    contents.set(one.version.digest, contentOf(scorer));
  }
  return contents;
}

function contentOf(scorer: Scorer): string {
  return createHash('sha256')
    .update(encodeServing(scorer.whole('')))
    .digest('hex');
}
