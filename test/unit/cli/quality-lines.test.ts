import { expect, it } from 'vitest';
import { badDayLines, versionLines } from '../../../src/cli/quality-lines.js';
import { PublishedVersions } from '../../../src/evaluation/index.js';
import { play } from '../evaluation/bad-day/planted.js';

it('a bad-day card is told in two lines: the fall, then what to blame and from where', () => {
  const { cards } = play({ seed: 1, rows: 15_000, flips: ({ i, category }) => i >= 12_000 && category === 'travel' });
  const [fall, blamed, ...more] = badDayLines(cards);
  expect(more).toEqual([]);
  expect(fall).toMatch(
    /^bad day {5}target: AUC 0\.\d{3} before, 0\.\d{3} in 1024 rows up to row \d+ \(1970-.*\), \d+\.\d standard errors$/,
  );
  expect(blamed).toMatch(
    /^ {12}item\.category travel \(1\d\.\d % of rows before, 1\d\.\d % after; ranked wrongly 0\.\d{3} before, 0\.\d{3} after\); first at ads\/\d:\d+ \(1970-/,
  );
});

it('where nothing stands out the lines say so', () => {
  const { cards } = play({ seed: 11, rows: 15_000, flips: ({ i }) => i >= 12_000 });
  expect(badDayLines(cards)[1]).toMatch(/no slice stands out; first at ads/);
});

it('figures by version are a line each, and none before the first version', () => {
  const versions = new PublishedVersions();
  expect(versionLines(versions.summary())).toEqual([]);
  versions.published(1, 10);
  const row = { userId: 'u', logit: 0, label: 1, eventTimeMs: 0, coldUser: false, newItem: false } as const;
  versions.add('target', row, 5);
  versions.add('target', row, 10);
  expect(versionLines(versions.summary())).toEqual([
    'scored by   before the first version, target: 1 rows, AUC -, NE -, calibration 0.500',
    'scored by   version 1, target: 1 rows, AUC -, NE -, calibration 0.500',
  ]);
});
