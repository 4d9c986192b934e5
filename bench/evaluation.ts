/**
 * Rolling AUC: updates per processor second at a window of 100 000 rows, against the plain way (sort the window anew) in the same
 * breath; and the coverage of the 95 % interval over 2 000 simulated streams a setting. Run: npx tsx bench/evaluation.ts
 */
import { SeededRandom } from '../src/core/index.js';
import { aucInterval } from '../src/evaluation/auc-interval.js';
import { BinnedAuc, DomainMetrics, ExactAuc, type WindowPolicy } from '../src/evaluation/index.js';
import { RowWindow } from '../src/evaluation/row-window.js';

const WINDOW = 100_000;
const byRows: WindowPolicy = { maxRows: WINDOW, minPositives: Number.POSITIVE_INFINITY, spanMs: 0 };

/** More than the sample of users that the user AUC follows. */
const users = Array.from({ length: 20_000 }, (_, i) => `u${i}`);

interface Rows {
  readonly logits: Float32Array;
  readonly labels: Uint8Array;
}

function clickRows(count: number, rate: number, spread: number): Rows {
  const random = new SeededRandom(1);
  const logits = new Float32Array(count);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = random.next() < rate ? 1 : 0;
    logits[i] = spread * (labels[i]! + random.normal()) - 3;
  }
  return { logits, labels };
}

interface PairMetric {
  add(logit: number, label: 0 | 1): void;
  remove(logit: number, label: 0 | 1): void;
}

function rolling(metric: PairMetric, { logits, labels }: Rows): void {
  const window = new RowWindow(byRows);
  for (let i = 0; i < logits.length; i++) {
    window.push(logits[i]!, labels[i] as 0 | 1, i);
    metric.add(logits[i]!, labels[i] as 0 | 1);
    while (window.overfull) {
      const { logit, label } = window.shift();
      metric.remove(logit, label);
    }
  }
}

/** Sorts the window and counts pairs once: what an update costs without an incremental structure. */
function sortedAnew({ logits, labels }: Rows): number {
  const order = Uint32Array.from({ length: WINDOW }, (_, i) => i).sort((a, b) => logits[a]! - logits[b]!);
  let negatives = 0;
  let pairs = 0;
  for (const row of order) {
    if (labels[row] === 1) pairs += negatives;
    else negatives++;
  }
  return pairs;
}

/** By the processor's time, not the wall's: other work on the machine does not count. */
function perSecond(updates: number, run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (1e6 * updates) / (user + system);
}

const show = (perSec: number): string => Math.round(perSec).toLocaleString('en').padStart(12);

function speed(): void {
  console.log(`updates a processor second, window ${WINDOW} rows, 1 000 000 rows`);
  for (const [name, rate, spread] of [
    ['click rate .015', 0.015, 1],
    ['click rate .5', 0.5, 1],
    ['click rate .1, scores within .001', 0.1, 0.0003],
  ] as const) {
    const rows = clickRows(1_000_000, rate, spread);
    console.log(name);
    console.log(`  exact         ${show(perSecond(1e6, () => rolling(new ExactAuc(), rows)))}`);
    console.log(
      `  binned        ${show(perSecond(1e6, () => rolling(new BinnedAuc({ bins: 4096, clip: 12 }), rows)))}`,
    );
    const metrics = new DomainMetrics({ window: byRows, bins: 4096 });
    const all = perSecond(1e6, () => {
      for (let i = 0; i < rows.logits.length; i++) {
        const label = rows.labels[i] as 0 | 1;
        metrics.update({
          userId: users[i % users.length]!,
          logit: rows.logits[i]!,
          label,
          eventTimeMs: i,
          coldUser: i % 8 === 0,
          newItem: i % 16 === 0,
        });
      }
    });
    console.log(`  DomainMetrics ${show(all)}   (rolling exact, whole run, slices, drift)`);
    console.log(`  sorted anew   ${show(perSecond(5, () => void Array.from({ length: 5 }, () => sortedAnew(rows))))}`);
    console.log(
      `  summary()     ${show(perSecond(20, () => void Array.from({ length: 20 }, () => metrics.summary())))}`,
    );
  }
}

/** Standard normal distribution function: Simpson's rule over the density from 0 to x. */
function normalBelow(x: number): number {
  const steps = 2000;
  const h = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2) / 2);
  }
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

function coverage(): void {
  const streams = 2000;
  console.log(`\ncoverage of the 95 % interval over ${streams} streams (to be 95 +- 1.5)`);
  console.log('   rows  rate  spread of clicks   AUC   covered %   mean error / spread of estimates');
  for (const [rows, rate] of [
    [400, 0.05],
    [1000, 0.1],
    [4000, 0.05],
    [10_000, 0.015],
  ] as const) {
    for (const [shift, spread] of [
      [0.3, 1],
      [1, 1],
      [1.1, 1.3],
    ] as const) {
      const truth = normalBelow(shift / Math.sqrt(1 + spread * spread));
      const random = new SeededRandom(5, `${rows} ${shift} ${spread}`);
      let covered = 0;
      let errors = 0;
      let squares = 0;
      for (let s = 0; s < streams; s++) {
        const metric = new BinnedAuc({ bins: 4096, clip: 12 });
        for (let i = 0; i < rows; i++) {
          const label = random.next() < rate ? 1 : 0;
          metric.add(label === 1 ? shift + spread * random.normal() : random.normal(), label);
        }
        const summary = metric.summary();
        const interval = aucInterval(summary);
        if (interval === null) continue;
        const { auc, aucSe } = summary;
        if (interval.low <= truth && truth <= interval.high) covered++;
        errors += aucSe! / streams;
        squares += (auc! - truth) ** 2 / streams;
      }
      const share = ((100 * covered) / streams).toFixed(2);
      const ratio = (errors / Math.sqrt(squares)).toFixed(3);
      console.log(
        `${String(rows).padStart(7)}  ${String(rate).padEnd(5)}  ${String(spread).padEnd(12)} ${truth.toFixed(4).padStart(10)} ${share.padStart(9)} ${ratio.padStart(14)}`,
      );
    }
  }
}

speed();
coverage();
