import { expect, it } from 'vitest';
import { RunTally } from '../../../pipelines/run-tally.js';
import type { EventSource } from '../../../src/core/index.js';
import { sample } from '../sample.js';
import { stepReport } from '../step-report.js';

const source = { partitions: [{ name: 'ads/0' }] } as unknown as EventSource;

it('counts go on, means start anew with every take', () => {
  const tally = new RunTally();
  const [clicked, passed] = [sample(1, { label: 1 }), sample(2, { label: 0 })];
  const turn = { score: [clicked, passed, passed], matured: [clicked, passed], events: 5, eventTimeMs: 1 };
  tally.scored(4);
  tally.scored(6);
  tally.turn({ turn, report: { ...stepReport(0, 32), discarded: true } } as never);
  const first = tally.take();
  expect(first.scoreMs).toBe(5);
  expect(first.rows.target).toEqual({ scored: 3, judged: 2, clicked: 1 });
  expect(tally.counts).toMatchObject({ trained: 32, discarded: 1, restored: 0 });
  const second = tally.take();
  expect(second.rows).toEqual(first.rows);
  expect([second.scoreMs, second.historyLength.target, second.step]).toEqual([null, null, null]);
});

it('names where a record stood that was not learned from, and keeps the newest twenty', () => {
  const tally = new RunTally();
  for (let i = 0; i < 25; i++) {
    const bad = { code: 'DADIN_RECORD_LATE', reason: 'late' };
    tally.rejected([{ partition: i % 2, position: BigInt(i), bad }] as never, source);
  }
  expect(tally.take().deadLetters).toEqual({ DADIN_RECORD_LATE: 25 });
  expect(tally.examples).toHaveLength(20);
  expect(tally.examples.at(-1)).toEqual({
    partition: 'ads/0',
    position: '24',
    code: 'DADIN_RECORD_LATE',
    reason: 'late',
  });
  expect(tally.examples.at(-2)!.partition).toBe('1'); // no name known
});
