import { expect, it } from 'vitest';
import { FreshRows, judgedRow } from '../../../src/evaluation/index.js';

function filled(count: number): FreshRows {
  const rows = new FreshRows();
  for (let i = 0; i < count; i++) rows.add('target', judgedRow(i % 4 === 0 ? 1 : -1, i % 4 === 0 ? 1 : 0));
  return rows;
}

it('counts the rows since it was cleared, and the newest of all', () => {
  const rows = filled(100);
  const { target, source } = rows.summary();
  expect(target).toMatchObject({ rows: 100, positives: 25, auc: 1, newest: { rows: 48, positives: 12 } });
  expect(target.predicted).toBeCloseTo(25 / (1 + Math.exp(-1)) + 75 / (1 + Math.E), 10);
  expect(source).toMatchObject({ rows: 0, positives: 0, predicted: 0, auc: null, newest: { rows: 0, positives: 0 } });
  rows.clear();
  for (let i = 0; i < 12; i++) rows.add('target', judgedRow(0, 1));
  expect(rows.summary().target).toMatchObject({ rows: 12, positives: 12, predicted: 6 });
  expect(rows.summary().target.newest).toEqual({ rows: 48, positives: 12 + 9 });
});

it('goes on from its snapshot as if never stopped', () => {
  const rows = filled(61);
  const restored = new FreshRows();
  restored.restore(structuredClone(rows.snapshot()));
  for (const one of [rows, restored]) one.add('target', judgedRow(0.3, 1));
  expect(restored.summary()).toEqual(rows.summary());
});
