import { expect, it } from 'vitest';
import type { LossCurve, PaperFigures } from '../../../src/experiments/figures.js';
import { figuresHtml, interestCsv, lossTable } from '../../../src/experiments/figures-page.js';

function curve(lambda2: number, points: number): LossCurve {
  return {
    lambda2,
    lambda3: 1,
    points: Array.from({ length: points }, (_, i) => ({
      events: 100 * (i + 1),
      eventTimeMs: 1000 * (i + 1),
      label: lambda2 + i,
      global: 1,
      intraClass: null,
      total: null,
      reversal: 0,
    })),
  };
}

const FIGURES: PaperFigures = {
  interest: { clicked: [1, 2, 3], notClicked: [3, 2, 1] },
  losses: [curve(1, 2), curve(0.5, 3)],
  steps: 10,
};

it('has a column a loss and setting, and a gap where a curve has no point', () => {
  const { columns, rows } = lossTable(FIGURES.losses);
  expect(columns.slice(0, 4)).toEqual(['events', 'eventTimeMs', 'label_1_1', 'label_0.5_1']);
  expect(rows.map((row) => row.slice(0, 4))).toEqual([
    [100, 1000, 1, 0.5],
    [200, 2000, 2, 1.5],
    [300, 3000, null, 2.5],
  ]);
});

it('gives interest weights by label and their mean', () => {
  expect(interestCsv(FIGURES.interest).split('\r\n')).toEqual([
    'rows,user,targetHistory,sourceHistory',
    'clicked,1,2,3',
    'notClicked,3,2,1',
    'mean,2,2,2',
    '',
  ]);
  expect(interestCsv({ clicked: null, notClicked: [3, 2, 1] })).toContain('clicked,,,\r\n');
});

it('makes one page that asks for nothing from elsewhere', async () => {
  const html = await figuresHtml(FIGURES, 'experiment figures --set <x>');
  expect(html).toContain('experiment figures --set &lt;x>');
  expect(html).toContain('dadinCharts.draw');
  expect(html).not.toMatch(/(src|href)="http/);
  expect(await figuresHtml({ ...FIGURES, interest: { clicked: null, notClicked: null } }, 'x')).toContain(
    'no such rows',
  );
});
