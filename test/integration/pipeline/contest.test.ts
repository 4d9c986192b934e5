import { describe, expect, it } from 'vitest';
import { type Contestant, contest } from '../../../pipelines/contest.js';
import { type Config, parseConfig } from '../../../src/config/index.js';
import { DOMAIN_CODE } from '../../../src/core/index.js';
import { replayInProcess } from './in-process.js';

// Several configurations learn one log in one pass; each must learn exactly what it learns alone.

const LOG = { input: { synthetic: { preset: 'test', events: 1500, seed: 4 } }, features: { shared: ['topic'] } };

function configOf(...overrides: string[]): Config {
  const small = ['model.preset=small', 'model.width=8', 'model.hidden=[16,8]', 'batching.size=32'];
  return parseConfig(JSON.stringify(LOG), 'test', { env: {}, overrides: [...small, ...overrides] });
}

const run = (contestants: readonly Contestant[]) =>
  contest(contestants, { baseDirectory: '.', stop: new AbortController().signal });

const whole = () => true;

describe('a contest', () => {
  it('scores every impression as each contestant would alone, bit for bit', async () => {
    const contestants: Contestant[] = [
      { name: 'dadin', config: configOf() },
      { name: 'other seed', config: configOf('seed=2') },
      { name: 'din', config: configOf('model.kind=din') },
      { name: 'with statistics', config: configOf('model.statistics=true') },
      { name: 'with a linear part', config: configOf('model.linear=true', 'model.statistics=true') },
    ];
    const together = await run(contestants);
    expect(together.events).toBe(1500);
    for (const [k, contestant] of contestants.entries()) {
      const alone = await run([contestant]);
      for (const domain of [DOMAIN_CODE.target, DOMAIN_CODE.source]) {
        const rows = together.scores.rows(domain, whole);
        expect(rows.length).toBeGreaterThan(200);
        expect(alone.scores.rows(domain, whole)).toEqual(rows);
        expect(alone.scores.logitsOf(0, rows)).toEqual(together.scores.logitsOf(k, rows));
      }
    }
  });

  it('scores as a replay does', async () => {
    const { scores } = await run([{ name: 'dadin', config: configOf() }]);
    const predicted = new Map<number, readonly [number, number]>();
    await replayInProcess(LOG, ['model.preset=small'], '.', ({ predictions }) => {
      for (const { sequence, logit, label } of predictions) predicted.set(sequence, [logit, label]);
    });
    const rows = scores.rows(DOMAIN_CODE.target, whole);
    expect(predicted.size).toBe(1500);
    const logits = scores.logitsOf(0, rows);
    const labels = scores.labelsOf(rows);
    rows.forEach((row, i) => {
      expect([logits[i], labels[i]]).toEqual(predicted.get(row));
    });
  });

  it('keeps the source domain from whom it is to be kept, and lets the linear part stand alone', async () => {
    const { scores, entrants } = await run([
      { name: 'both', config: configOf('model.linear=true') },
      { name: 'target only', config: configOf(), targetOnly: true },
      { name: 'linear only', config: configOf('model.linear=true'), linearOnly: true },
    ]);
    const target = scores.rows(DOMAIN_CODE.target, whole);
    const source = scores.rows(DOMAIN_CODE.source, whole);
    expect(scores.logitsOf(1, source).every(Number.isNaN)).toBe(true);
    expect(scores.logitsOf(1, target).every(Number.isFinite)).toBe(true);
    expect(scores.logitsOf(2, target).every(Number.isFinite)).toBe(true);
    expect(entrants[1]!.rows).toBeLessThan(entrants[0]!.rows);
    expect(entrants[2]).toMatchObject({ denseParameters: 0, rows: 0 });
  });

  it('refuses contestants that would not see the same events, or need another linear part', async () => {
    const statistics = { name: 'statistics', config: configOf('model.statistics=true') };
    await expect(run([statistics, { name: 'linear', config: configOf('model.linear=true') }])).rejects.toThrow(
      'linear needs a linear part of its own',
    );
    const other = { name: 'shorter histories', config: configOf('history.length=3') };
    await expect(run([{ name: 'dadin', config: configOf() }, other])).rejects.toThrow(
      'shorter histories cannot learn beside dadin',
    );
  });
});
