import { describe, expect, it } from 'vitest';
import { type ClickEvent, SeededRandom } from '../../../../src/core/index.js';
import { checkLeaks } from '../../../../src/inspection/checks/check-leaks.js';
import { LabelLeaks } from '../../../../src/inspection/label-leaks.js';
import { censusOf, event } from './census.js';

const value = (name: string, ...values: string[]) => ({ name, values });

/** Rows with a feature of few values and one of many; `plant` adds to them what it likes. */
function rows(count: number, seed: number, plant: (clicked: boolean, random: SeededRandom) => Partial<ClickEvent>) {
  const random = new SeededRandom(seed, 'leaks');
  return Array.from({ length: count }, (_, i) => {
    const clicked = random.next() < 0.1;
    const itemFeatures = [value('kind', String(random.below(5))), value('word', `w${random.below(900)}`)];
    return event(i, { clicked, itemFeatures, ...plant(clicked, random) });
  });
}
const check = (events: readonly ClickEvent[]) => checkLeaks(censusOf(events))[0]!;

describe('a planted feature of the future fails, by name, with its AUC and an example', () => {
  it.each<[string, (clicked: boolean, random: SeededRandom) => string[]]>([
    ['equal to the label', (clicked) => [clicked ? '1' : '0']],
    ['the opposite', (clicked) => [clicked ? 'no' : 'yes']],
    [
      'seconds on the page, none without a click',
      (clicked, random) => [clicked ? String(3 + 60 * random.next()) : '0'],
    ],
    ['a number that is larger after a click', (clicked, random) => [String((clicked ? 50 : 10) + 9 * random.normal())]],
    ['one of several values', (clicked, random) => [`w${random.below(50)}`, clicked ? 'bought' : 'left']],
  ])('%s', (_, leak) => {
    const failed = check(
      rows(4000, 1, (clicked, random) => ({ userFeatures: [value('future', ...leak(clicked, random))] })),
    );
    expect(failed).toMatchObject({
      name: 'target leaks',
      status: 'FAIL',
      summary: 'user.future seems to know the label',
    });
    expect(failed.details).toHaveLength(1);
    expect(failed.details[0]).toMatch(/^user\.future: AUC (0\.9\d\d|1\.000) by itself .* rows with .* are clicked/);
    expect(failed.remedy).toContain('columns.userFeatures');
  });

  it('there only after a click, and first seen late', () => {
    const found = check(rows(4000, 2, (clicked) => (clicked ? { userFeatures: [value('receipt', 'yes')] } : {})));
    expect(found).toMatchObject({ status: 'FAIL', summary: 'user.receipt seems to know the label' });
  });

  it('where clicks come as messages of their own', () => {
    const shown = rows(4000, 3, (clicked) => ({ userFeatures: [value('future', clicked ? '1' : '0')] }));
    const messages = shown.flatMap((one, i) => [
      { ...one, clicked: null },
      ...(one.clicked ? [event(i, { ...one, kind: 'click', clicked: true, row: i })] : []),
    ]);
    expect(check(messages)).toMatchObject({ status: 'FAIL', summary: 'user.future seems to know the label' });
  });
});

it('warns of a feature that is merely suspicious', () => {
  const noisy = (clicked: boolean, random: SeededRandom) => (random.next() < 0.08 ? !clicked : clicked);
  const events = rows(6000, 4, (clicked, random) => ({
    userFeatures: [value('near', String(noisy(clicked, random)))],
  }));
  expect(check(events)).toMatchObject({ status: 'WARN', details: [expect.stringContaining('user.near: AUC 0.9')] });
});

it('passes features that tell something, as honest ones do', () => {
  const random = new SeededRandom(5, 'honest');
  const events = Array.from({ length: 6000 }, (_, i) => {
    const kind = random.below(4);
    return event(i, {
      clicked: random.next() < [0.02, 0.1, 0.3, 0.5][kind]!,
      itemFeatures: [value('kind', String(kind))],
    });
  });
  expect(check(events)).toMatchObject({
    status: 'PASS',
    summary: expect.stringMatching(/item\.kind best, AUC 0\.[67]/),
  });
});

it('random labels give .5 within the interval, however many values a feature has', () => {
  let outside = 0;
  for (let seed = 0; seed < 20; seed++) {
    const leaks = new LabelLeaks();
    for (const one of rows(3000, 100 + seed, () => ({}))) leaks.add(one, one.clicked ? 1 : 0);
    const found = leaks.results();
    expect(found.map(({ name }) => name).sort()).toEqual(['item.kind', 'item.word']);
    outside += found.filter(({ low, high }) => low > 0.5 || high < 0.5).length;
  }
  // of 40 intervals of 95 %, two are expected not to hold it; more than 6 in one of 100 suites
  expect(outside).toBeLessThanOrEqual(6);
});

it('says nothing of too few rows', () => {
  expect(
    checkLeaks(censusOf(rows(100, 6, (clicked) => ({ userFeatures: [value('future', String(clicked))] })))),
  ).toEqual([]);
});
