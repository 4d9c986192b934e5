import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReplaySummary } from '../../pipelines/replay.js';
import { changes, runWell, start, summaryOf, temporaryDirectory } from './command-line.js';
import { messyLog, Outputs, SMALL } from './small-log.js';

const directory = temporaryDirectory('signal');
const whole = new Outputs(join(directory, 'whole'));
let config: string;
let expected: ReplaySummary;

beforeAll(async () => {
  config = await messyLog(directory, 3000);
  expected = await runWell(['replay', '--config', config, ...SMALL, ...whole.flags]);
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('ends the run with exit code 0 and a checkpoint from which it goes on as if nothing had been', async () => {
    const stopped = new Outputs(join(directory, signal));
    const args = ['replay', '--config', config, ...SMALL, ...stopped.flags];
    const run = start([...args, '--json']);
    await changes(stopped.checkpoints, 4);
    run.child.kill(signal);
    const summary = summaryOf(await run.finished);
    expect(summary.stopped).toBe(true);
    expect(summary.events).toBeLessThan(expected.events);
    expect(summary.checkpoint).not.toBeNull();
    expect((await run.finished).stderr).toContain(`${signal}: finishing`);

    const resumed = await runWell([...args, '--resume']);
    expect(resumed).toMatchObject({
      digest: expected.digest,
      domains: expected.domains,
      resumedFrom: summary.checkpoint,
    });
    expect(stopped.files()).toEqual(whole.files());
  });
});
