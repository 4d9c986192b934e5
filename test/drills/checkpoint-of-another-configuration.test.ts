import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, runWell, temporaryDirectory } from './command-line.js';
import { messyLog, Outputs, SMALL } from './small-log.js';

it('what affects learning must stay as it was, all else may change', async () => {
  const directory = temporaryDirectory('configuration');
  const config = await messyLog(directory, 2000);
  const outputs = new Outputs(join(directory, 'outputs'));
  const args = ['replay', '--config', config, ...SMALL, ...outputs.flags];
  const expected = await runWell(args);

  const refused = await run([...args, '--resume', '--set', 'history.length=7', '--set', 'seed=2']);
  expect(refused.status).toBe(4);
  for (const named of ['DADIN_CHECKPOINT_MISMATCH', 'history.length', 'seed', 'migrate']) {
    expect(refused.stderr).toContain(named);
  }
  expect(refused.stderr).not.toContain('batching.size');

  const accepted = await runWell([
    ...args,
    '--resume',
    ...['--set', 'checkpoint.everySteps=7', '--set', 'ordering.maxBufferedEvents=50000', '--set', 'name=other'],
  ]);
  expect(accepted).toMatchObject({ digest: expected.digest, resumedFrom: expected.checkpoint });
});
