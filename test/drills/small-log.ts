import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulate } from '../../pipelines/simulate.js';
import { parseConfig } from '../../src/config/index.js';

/** A model that learns a few thousand rows in a second, checkpointed every twenty steps. */
export const SMALL = [
  ...['--set', 'model.width=8', '--set', 'model.hidden=[16,8]', '--set', 'batching.size=16'],
  ...['--set', 'checkpoint.everySteps=20', '--set', 'batching.replayShare=0.25'],
];

/**
 * Two logs with everything that makes a run's state rich: clicks told later, disorder, late messages, duplicates and
 * undecodable lines. Returns the path of their configuration.
 */
export async function messyLog(directory: string, impressions: number): Promise<string> {
  const { input } = parseConfig('', 'drill', {
    env: {},
    overrides: [
      'input.synthetic.preset=test',
      `input.synthetic.events=${impressions}`,
      'input.synthetic.sourceRatio=1',
      'input.synthetic.messages={lateShare: 0.03, duplicateShare: 0.03}',
    ],
  });
  await simulate({ synthetic: input.synthetic, out: directory, format: 'csv' });
  for (const [domain, every] of [
    ['target', 37],
    ['source', 53],
  ] as const) {
    const path = join(directory, `${domain}.csv`);
    const lines = readFileSync(path, 'utf8').split('\n');
    const spoiled = lines.flatMap((line, i) =>
      i > 0 && i % every === 0 ? [`${domain} line ${i}, spoiled`, line] : [line],
    );
    writeFileSync(path, spoiled.join('\n'));
  }
  // less than the latest messages need, so that some are late
  const config = join(directory, 'config.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace(/outOfOrdernessMs: \d+/, 'outOfOrdernessMs: 90000'));
  return config;
}

/** Everything a run leaves behind, in its own directory. */
export class Outputs {
  readonly #directory: string;

  /** Makes the directory, and that of the checkpoints in it. */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(this.checkpoints, { recursive: true });
  }

  get checkpoints(): string {
    return join(this.#directory, 'checkpoints');
  }

  get flags(): string[] {
    return [
      ...['--checkpoints', this.checkpoints, '--predictions', join(this.#directory, 'predictions.csv')],
      ...['--dead-letters', join(this.#directory, 'dead-letters.jsonl')],
      ...['--metrics', join(this.#directory, 'metrics.jsonl')],
    ];
  }

  /** Texts of the files that a run writes besides its checkpoints. */
  files(): Record<'predictions' | 'deadLetters' | 'metrics', string> {
    const read = (name: string): string => readFileSync(join(this.#directory, name), 'utf8');
    return {
      predictions: read('predictions.csv'),
      deadLetters: read('dead-letters.jsonl'),
      metrics: read('metrics.jsonl'),
    };
  }
}
