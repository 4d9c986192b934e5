import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { type MoonRun, moonsExperiment } from '../experiments/moons/experiment.js';
import { moonFigures } from '../experiments/moons/figures.js';
import { moonsHtml, moonsMarkdown } from '../experiments/moons/report.js';
import { createFusedOps } from '../kernel/fused-ops.js';
import { stopOnSignals } from './stop-signal.js';
import { wholeNumber } from './whole-number.js';

interface MoonsFlags {
  readonly seeds: number;
  readonly out: string;
  readonly json: boolean;
}

export function moonsCommand(): Command {
  return new Command('moons')
    .description("The paper's toy: twin moons of two domains, three protocols, figures 4 to 6.")
    .option('--seeds <n>', 'draws of the points and of the networks', wholeNumber(1), 10)
    .option('-o, --out <dir>', 'directory of moons.md, .html and .json', 'runs/moons')
    .option('--json', 'print the result as one JSON object', false)
    .action(async ({ seeds, out, json }: MoonsFlags) => {
      const stop = stopOnSignals(() => process.stderr.write('stopping after this seed\n'));
      try {
        const ops = await createFusedOps();
        const result = moonsExperiment({
          ops,
          seeds: Array.from({ length: seeds }, (_, i) => i + 1),
          stop: stop.signal,
          onRun: tell,
        });
        const markdown = moonsMarkdown(result);
        const directory = resolve(out);
        await mkdir(directory, { recursive: true });
        await writeFile(join(directory, 'moons.md'), markdown);
        await writeFile(join(directory, 'moons.html'), moonsHtml(markdown, moonFigures(ops, 1)));
        await writeFile(join(directory, 'moons.json'), `${JSON.stringify(result, null, 2)}\n`);
        process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${markdown}\nwritten to ${directory}\n`);
      } finally {
        stop.release();
      }
    });
}

function tell({ seed, protocol, variant, accuracy }: MoonRun): void {
  process.stderr.write(`seed ${seed}  ${protocol.padEnd(5)}  ${variant.padEnd(10)}  ${accuracy.toFixed(3)}\n`);
}
