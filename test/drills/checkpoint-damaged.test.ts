import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, runWell, summaryOf, temporaryDirectory } from './command-line.js';
import { messyLog, Outputs, SMALL } from './small-log.js';

it('a damaged checkpoint is passed over for the one before; with none left the run is refused', async () => {
  const directory = temporaryDirectory('damaged');
  const config = await messyLog(directory, 2500);
  const outputs = new Outputs(join(directory, 'outputs'));
  const args = ['replay', '--config', config, ...SMALL, ...outputs.flags];
  const expected = await runWell(args);
  const files = outputs.files();

  const kept = checkpointsIn(outputs);
  truncateSync(join(kept.at(-1)!, 'model.safetensors'), 100);
  const resumed = await run([...args, '--resume', '--json']);
  expect(resumed.stderr).toContain(`passed over ${kept.at(-1)}`);
  expect(summaryOf(resumed)).toMatchObject({ digest: expected.digest, resumedFrom: kept.at(-2) });
  expect(outputs.files()).toEqual(files);

  const all = checkpointsIn(outputs);
  for (const path of all) truncateSync(join(path, 'state.bin'), 1000);
  for (const command of [
    [...args, '--resume'],
    ['run', ...args.slice(1)],
  ]) {
    const refused = await run(command);
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('DADIN_CHECKPOINT_UNREADABLE');
    for (const path of all) expect(refused.stderr).toContain(path);
  }
});

function checkpointsIn({ checkpoints }: Outputs): string[] {
  return readdirSync(checkpoints)
    .filter((name) => name.startsWith('checkpoint-')) // its report lies there too
    .sort()
    .map((name) => join(checkpoints, name));
}
