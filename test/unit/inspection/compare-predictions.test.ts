import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { comparePredictions } from '../../../src/inspection/compare-predictions.js';
import { type Prediction, readPredictions } from '../../../src/inspection/read-predictions.js';

const OPTIONS = { warmUp: 0, coldImpressions: 5, newItemImpressions: 5 };

function rows(count: number, spread: number, seed = 1): Prediction[] {
  const labels = new SeededRandom(1, 'labels');
  const noise = new SeededRandom(seed, 'noise');
  return Array.from({ length: count }, (_, i) => {
    const label = labels.next() < 0.3 ? (1 as const) : (0 as const);
    const score = 1 / (1 + Math.exp(-spread * label - noise.normal()));
    return { domain: i % 3 === 0 ? 0 : 1, userId: `u${i % 97}`, itemId: `i${i % 13}`, eventTimeMs: i, label, score };
  });
}

describe('comparePredictions', () => {
  it('finds the better of two runs, and no difference between a run and itself', () => {
    const good = rows(6000, 2);
    const poor = rows(6000, 1, 2);
    const { slices } = comparePredictions(good, poor, OPTIONS);
    const all = slices.find(({ domain, slice }) => domain === 'target' && slice === 'all')!;
    expect(all.rows).toBe(4000);
    expect(all.auc!.first).toBeGreaterThan(all.auc!.second);
    expect(all.auc!.low).toBeGreaterThan(0);
    expect(all.logLoss!.high).toBeLessThan(0);
    for (const same of comparePredictions(good, good, OPTIONS).slices) {
      expect(same.auc!.difference).toBe(0);
      expect(same.logLoss!.difference).toBe(0);
    }
  });

  it('matches rows whatever their order, counts those of one file only, and leaves the head out', () => {
    const first = rows(100, 1);
    const second = [...first].reverse().slice(10);
    const {
      rows: both,
      onlyInFirst,
      onlyInSecond,
      warmUpRows,
      slices,
    } = comparePredictions(first, second, {
      ...OPTIONS,
      warmUp: 0.2,
    });
    expect([both, onlyInFirst, onlyInSecond, warmUpRows]).toEqual([90, 10, 0, 20]);
    const counted = slices.filter(({ slice }) => slice === 'all').reduce((sum, slice) => sum + slice.rows, 0);
    expect(counted).toBe(70); // 100 less 20 at the head less 10 at the end that the second lacks
  });

  it('calls a user cold by target impressions of strictly smaller time', () => {
    const at = (i: number, eventTimeMs: number, domain = 1): Prediction => ({
      domain,
      userId: 'u',
      itemId: `i${i}`,
      eventTimeMs,
      label: i % 2 === 0 ? 1 : 0,
      score: 0.5,
    });
    const log = [at(0, 1), at(1, 2), at(2, 2), at(3, 2, 0), at(4, 3), at(5, 4)];
    const { slices } = comparePredictions(log, log, { ...OPTIONS, coldImpressions: 3 });
    const rowsOf = (slice: string) => slices.find((s) => s.domain === 'target' && s.slice === slice)?.rows;
    expect([rowsOf('cold users'), rowsOf('warm users')]).toEqual([3, 2]);
  });

  it('refuses runs of different logs and labels that differ', () => {
    const log = rows(10, 1);
    const elsewhere = log.map((row) => ({ ...row, userId: `other-${row.userId}` }));
    expect(() => comparePredictions(log, elsewhere, OPTIONS)).toThrow('no impression in common');
    const flipped = log.map((row) => ({ ...row, label: (1 - row.label) as 0 | 1 }));
    expect(() => comparePredictions(log, flipped, OPTIONS)).toThrow('disagree about the label of row 1');
  });
});

describe('readPredictions', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'predictions-')), 'p.csv');
  const read = (text: string) => {
    writeFileSync(path, text);
    return readPredictions(path);
  };
  const header = 'seq,domain,userId,itemId,eventTime,label,score,step\n';

  it('reads what a run writes, quoted names included', async () => {
    await expect(read(`${header}0,target,"a,b",i,5,1,0.25,3\n`)).resolves.toEqual([
      { domain: 1, userId: 'a,b', itemId: 'i', eventTimeMs: 5, label: 1, score: 0.25 },
    ]);
  });

  it.each([
    ['0,else,u,i,5,1,0.25,3', 'row 1 names the domain "else"'],
    ['0,target,u,i,5,2,0.25,3', 'row 1 has the label "2"'],
    ['0,target,u,i,5,1,1.5,3', 'row 1 has the score "1.5"'],
    ['0,target,u,i,5,1,,3', 'row 1 has the score ""'],
    ['0,target,u,i,,1,.5,3', 'row 1 has the time ""'],
    ['0,target,u,i,5,1', 'row 1 cannot be read'],
  ])('refuses %s', async (line, message) => {
    await expect(read(`${header}${line}\n`)).rejects.toThrow(message);
  });

  it('names missing columns', async () => {
    await expect(read('a,b\n1,2\n')).rejects.toThrow('has no column "domain"');
  });
});
