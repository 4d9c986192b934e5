import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ReplaySummary, replay } from '../../../pipelines/replay.js';
import { parseConfig } from '../../../src/config/index.js';
import { plantedTransfer } from '../../../src/experiments/planted-transfer.js';

const directory = mkdtempSync(join(tmpdir(), 'dadin-transfer-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const STREAM = ['input.kind=synthetic', 'features.shared=[topic]', 'transfer.ledger=true'];

async function run(
  overrides: readonly string[],
  stopAfterEvents = Number.POSITIVE_INFINITY,
): Promise<ReplaySummary & { readonly notices: readonly string[] }> {
  const notices: string[] = [];
  const stop = new AbortController();
  const summary = await replay(parseConfig('', 'test', { env: {}, overrides: [...STREAM, ...overrides] }), {
    baseDirectory: directory,
    resume: 'auto',
    stop: stop.signal,
    observer: {
      started() {},
      turn({ turn }) {
        if (turn.events >= stopAfterEvents) stop.abort();
      },
      notice: (message) => notices.push(message),
    },
  });
  return { ...summary, notices };
}

describe('the transfer ledger', () => {
  it('finds no difference at all where there is no source domain: the twin is the learner, bit for bit', async () => {
    const { transfer } = await run([
      'input.synthetic.events=2000',
      'input.synthetic.sourceRatio=0',
      'model.adversary.mode=off',
    ]);
    expect(transfer!.gain).toMatchObject({ difference: 0, standardError: 0 });
    expect(transfer!.gain!.rows).toBeGreaterThan(1900);
  });

  it('changes nothing of what the learner beside it learns', async () => {
    const events = 'input.synthetic.events=2000';
    const beside = await run([events]);
    const alone = await run([events, 'transfer.ledger=false']);
    expect(alone.transfer).toBeNull();
    expect(beside.domains).toEqual(alone.domains);
  });

  it.each(['positive', 'negative'] as const)('tells the sign of planted transfer: %s', async (planted) => {
    const { gain, coldGain } = await plantedTransfer(planted, {
      events: 8000,
      seed: 1,
      overrides: ['model.adversary.mode=governed'],
    });
    const sign = planted === 'positive' ? 1 : -1;
    expect(Math.sign(gain!.low)).toBe(sign);
    expect(Math.sign(gain!.high)).toBe(sign);
    expect(Math.sign(coldGain!.difference)).toBe(sign);
  });

  it('serves the twin where the source domain hurts, at the same row after a stop', async () => {
    const misled = [
      ...['history=0', 'taste=1.5', 'profileShare=0.9', 'conceptShiftDegrees=180', 'sourceRatio=3', 'events=12000'].map(
        (knob) => `input.synthetic.${knob}`,
      ),
      'transfer.windowRows=1000',
      'model.adversary.mode=governed',
    ];
    const kept = await run(misled);
    const whole = await run([...misled, 'transfer.switchOff=true']);
    expect(whole.transfer!.decisions.map(({ transfer }) => transfer)).toEqual([false]);
    expect(whole.notices).toEqual([expect.stringContaining('those of the twin that knows no source domain')]);
    expect(whole.domains.target.auc!).toBeGreaterThan(kept.domains.target.auc!);

    const stopped = [...misled, 'transfer.switchOff=true', 'checkpoint.directory=stopped'];
    expect((await run(stopped, 6000)).stopped).toBe(true);
    const resumed = await run(stopped);
    expect(resumed.resumedFrom).not.toBeNull();
    expect(resumed.digest).toBe(whole.digest);
    expect(resumed.transfer).toEqual(whole.transfer);
  });
});
