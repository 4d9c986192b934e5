import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReplaySummary, replay } from '../../../pipelines/replay.js';
import { parseConfig } from '../../../src/config/index.js';
import { ZOO_KINDS } from '../../../src/zoo/index.js';

// Every model that can be chosen is learned, checkpointed and resumed like DADIN.

const directory = mkdtempSync(join(tmpdir(), 'dadin-models-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Run {
  readonly checkpoints: string;
  /** settled turns after which the run is told to stop */
  readonly stopAfterTurns?: number;
  readonly resume: 'never' | 'always';
}

async function learn(kind: string, { checkpoints, stopAfterTurns, resume }: Run): Promise<ReplaySummary> {
  const config = parseConfig('', 'test', {
    env: {},
    overrides: [
      'input.synthetic={preset: test, events: 1500, seed: 5}',
      'model.preset=small',
      'model.width=8',
      'model.hidden=[16,8]',
      `model.kind=${kind}`,
      'batching.size=32',
      `checkpoint.directory=${join(directory, checkpoints)}`,
    ],
  });
  const stop = new AbortController();
  let turns = 0;
  return await replay(config, {
    baseDirectory: '.',
    resume,
    stop: stop.signal,
    observer: {
      started() {},
      turn() {
        if (++turns === stopAfterTurns) stop.abort();
      },
      notice() {},
    },
  });
}

describe.each(['dadin', ...ZOO_KINDS])('%s', (kind) => {
  let whole: ReplaySummary;
  beforeAll(async () => {
    whole = await learn(kind, { checkpoints: `${kind}-whole`, resume: 'never' });
  });

  it('scores and learns every row of both domains', () => {
    expect(whole.samples).toBe(1500);
    expect(whole.steps).toBeGreaterThan(25);
    expect(whole.discardedSteps).toBe(0);
    for (const metrics of Object.values(whole.domains)) expect(metrics.auc).toBeGreaterThan(0.3);
  });

  it('gives the same bits stopped and resumed as never stopped', async () => {
    const first = await learn(kind, { checkpoints: `${kind}-cut`, stopAfterTurns: 20, resume: 'never' });
    expect(first.stopped).toBe(true);
    const second = await learn(kind, { checkpoints: `${kind}-cut`, resume: 'always' });
    expect(second.resumedFrom).not.toBeNull();
    expect(second.digest).toBe(whole.digest);
  });
});
