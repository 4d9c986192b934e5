import { expect, it } from 'vitest';
import { type RunningParts, replay } from '../../pipelines/replay.js';
import { parseConfig } from '../../src/config/index.js';
import type { LearnerGauges } from '../../src/core/index.js';

const EVENTS = 60_000;
const CAPS = { users: 300, items: 100, rows: 500, pending: 500 };

/** More users, items and ids than there is room for. */
const OVERRIDES = [
  'input.synthetic.preset=test',
  `input.synthetic.events=${EVENTS}`,
  'input.synthetic.messages={}',
  'ordering.outOfOrdernessMs=660000',
  // about as many impressions wait as may
  'labels.attributionWindowMs=1400000',
  ...['model.preset=paper', 'model.width=4', 'model.hidden=[8,4]', 'batching.size=256', 'batching.replayShare=0.1'],
  ...[`history.maxUsers=${CAPS.users}`, `history.maxItems=${CAPS.items}`, 'history.length=5'],
  ...[`training.maxRows=${CAPS.rows}`, `labels.maxPending=${CAPS.pending}`],
  ...['batching.recencyRows=200', 'batching.reservoirRows=200', 'evaluation.maxWindowRows=1000'],
];

it('keeps within its caps, and as many tensors at the end as at the beginning', async () => {
  const config = parseConfig('', 'test', { env: {}, overrides: OVERRIDES });
  let run: RunningParts | null = null;
  const gauges: Promise<LearnerGauges>[] = [];
  const sizes: RunningParts['fold']['sizes'][] = [];
  const summary = await replay(config, {
    baseDirectory: '.',
    resume: 'never',
    stop: new AbortController().signal,
    observer: {
      started(parts) {
        run = parts;
      },
      turn({ report }) {
        if (run === null || report === null || report.step % 5 !== 0) return;
        sizes.push(run.fold.sizes);
        gauges.push(run.learner.inspect());
      },
      notice() {},
    },
  });
  expect(summary.samples).toBe(EVENTS);
  expect(gauges.length).toBeGreaterThan(20);

  for (const { users, items, waitingForLabel } of sizes) {
    expect(users).toBeLessThanOrEqual(CAPS.users);
    expect(items).toBeLessThanOrEqual(2 * CAPS.items); // the cap is of a domain
    expect(waitingForLabel).toBeLessThanOrEqual(CAPS.pending);
  }
  expect(sizes.at(-1)!.evictedUsers).toBeGreaterThan(0);
  expect(sizes.at(-1)!.evictedItems).toBeGreaterThan(0);

  const [first, ...later] = await Promise.all(gauges);
  for (const { rows, tensors, tableBytes } of later) {
    expect(Object.values(rows).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(CAPS.rows);
    expect(tensors).toBe(first!.tensors);
    expect(tableBytes).toBe(later[0]!.tableBytes);
  }
  expect(later.at(-1)!.evictedRows).toBeGreaterThan(0);
});
