import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changes, run, runWell, start, summaryOf, temporaryDirectory } from './command-line.js';
import { messyLog, Outputs, SMALL } from './small-log.js';

it('a second process is refused, and the first one unharmed', async () => {
  const directory = temporaryDirectory('second');
  const config = await messyLog(directory, 9000); // long enough for a second process to start meanwhile
  const whole = new Outputs(join(directory, 'whole'));
  const expected = await runWell(['replay', '--config', config, ...SMALL, ...whole.flags]);

  const shared = new Outputs(join(directory, 'shared'));
  const args = ['run', '--config', config, ...SMALL, ...shared.flags];
  const first = start([...args, '--json']);
  await changes(shared.checkpoints, 2);
  const second = await run(args);
  expect(first.child.exitCode, 'the first had ended already').toBeNull();
  expect(second.status).toBe(4);
  expect(second.stderr).toContain('DADIN_CHECKPOINT_LOCKED');
  expect(second.stderr).toContain(`process ${first.child.pid}`);

  expect(summaryOf(await first.finished).digest).toBe(expected.digest);
  expect(shared.files()).toEqual(whole.files());
});
