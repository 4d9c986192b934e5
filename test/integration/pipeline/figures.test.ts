import { expect, it } from 'vitest';
import { LAMBDA_SETTINGS, paperFigures } from '../../../src/experiments/figures.js';

it('learns the log once a setting and follows every loss', async () => {
  const figures = await paperFigures({
    yaml: null,
    fileName: 'test',
    overrides: ['input.synthetic.preset=test', 'input.synthetic.events=1500', 'batching.size=64'],
    baseDirectory: '.',
    stop: new AbortController().signal,
    onSetting: () => {},
  });
  expect(figures.losses.map(({ lambda2, lambda3 }) => [lambda2, lambda3])).toEqual(LAMBDA_SETTINGS);
  for (const { lambda2, lambda3, points } of figures.losses) {
    expect(points.length).toBe(figures.steps);
    const { label, global, intraClass, total } = points.at(-1)!;
    expect(label!).toBeGreaterThan(0);
    // the weighted sum, with the losses in units of one H: what is left over must be the same H for both
    const confused = (total! - label!) / (lambda2 * global! + lambda3 * intraClass!);
    expect(confused).toBeGreaterThan(0.3);
    expect(confused).toBeLessThanOrEqual(Math.LN2 + 1e-6);
  }
  expect(figures.interest.clicked?.every((weight) => weight > 0)).toBe(true);
  expect(figures.interest.notClicked?.every((weight) => weight > 0)).toBe(true);
});

it('begins no setting after it was told to stop', async () => {
  const stop = new AbortController();
  const begun: number[] = [];
  await paperFigures({
    yaml: null,
    fileName: 'test',
    overrides: ['input.synthetic.preset=test', 'input.synthetic.events=1000'],
    baseDirectory: '.',
    stop: stop.signal,
    onSetting: (lambda2) => {
      begun.push(lambda2);
      stop.abort();
    },
  });
  expect(begun).toEqual([1]);
});
