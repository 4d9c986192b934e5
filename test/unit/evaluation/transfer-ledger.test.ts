import { expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { aucDifference, type LedgerRow, TransferLedger } from '../../../src/evaluation/index.js';

/** Rows of which one score knows the label better than the other by so much. */
function rows(count: number, seed: number, strengthWith: number, strengthWithout: number): LedgerRow[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const label = random.next() < 0.2 ? 1 : 0;
    return {
      logitWith: Math.fround(strengthWith * label + random.normal()),
      logitWithout: Math.fround(strengthWithout * label + random.normal()),
      label,
      coldUser: i % 3 === 0,
      eventTimeMs: i,
    };
  });
}

function gainOf(of: readonly LedgerRow[]) {
  return aucDifference(
    of.map(({ logitWith }) => logitWith),
    of.map(({ logitWithout }) => logitWithout),
    of.map(({ label }) => label),
  )!;
}

it('reports the paired difference over the last rows, and over those of cold users', () => {
  const ledger = new TransferLedger({ windowRows: 1000, switchOff: false });
  const all = rows(2300, 1, 1, 0.5);
  for (const row of all) ledger.add(row);
  const { gain, coldGain, verdict } = ledger.report();
  const window = all.slice(-1000);
  expect(gain!.difference).toBeCloseTo(gainOf(window).difference, 12);
  expect([gain!.low, gain!.high]).toEqual([
    expect.closeTo(gainOf(window).low, 12),
    expect.closeTo(gainOf(window).high, 12),
  ]);
  const cold = window.filter(({ coldUser }) => coldUser);
  expect(coldGain!.difference).toBeCloseTo(gainOf(cold).difference, 12);
  expect(coldGain!.rows).toBe(cold.length);
  expect(verdict).toBe('helps');
});

it('switches transfer off where it hurts, and on again where it helps', () => {
  const ledger = new TransferLedger({ windowRows: 1000, switchOff: true });
  const past = [...rows(3000, 2, 0, 1), ...rows(3000, 3, 1, 0)];
  const served = past.map((row) => {
    ledger.add(row);
    return ledger.transfer;
  });
  const { decisions, transfer } = ledger.report();
  expect(decisions.map((decision) => decision.transfer)).toEqual([false, true]);
  expect(decisions[0]!.row).toBeLessThan(1000);
  expect(decisions[0]!.gain.high).toBeLessThan(0);
  expect(decisions[1]!.row).toBeGreaterThan(3000);
  expect(decisions[1]!.gain.low).toBeGreaterThan(0);
  expect(transfer).toBe(true);
  // the very row that decides is the first after which the other score is served
  expect(served.indexOf(false)).toBe(decisions[0]!.row - 1);
});

it('decides nothing unless it is told to', () => {
  const ledger = new TransferLedger({ windowRows: 1000, switchOff: false });
  for (const row of rows(3000, 2, 0, 1)) ledger.add(row);
  expect(ledger.report()).toMatchObject({ transfer: true, verdict: 'hurts', decisions: [] });
});

it('hardly ever takes noise for a difference', () => {
  const verdicts = Array.from({ length: 20 }, (_, seed) => {
    const ledger = new TransferLedger({ windowRows: 1000, switchOff: false });
    for (const row of rows(1000, seed + 10, 0.7, 0.7)) ledger.add(row);
    return ledger.report().verdict;
  });
  expect(verdicts.filter((verdict) => verdict !== 'undecided').length).toBeLessThanOrEqual(1);
});

it('goes on from a snapshot as if nothing had happened', () => {
  const whole = new TransferLedger({ windowRows: 1000, switchOff: true });
  const all = rows(2700, 4, 0, 1);
  for (const row of all.slice(0, 1300)) whole.add(row);
  const resumed = new TransferLedger({ windowRows: 1000, switchOff: true });
  resumed.restore(structuredClone(whole.snapshot()));
  for (const row of all.slice(1300)) {
    whole.add(row);
    resumed.add(row);
  }
  expect(resumed.report()).toEqual(whole.report());
  expect(resumed.lastReport).toEqual(whole.lastReport);
  expect(resumed.snapshot()).toEqual(whole.snapshot());
});

it('has nothing to report of rows of one class', () => {
  const ledger = new TransferLedger({ windowRows: 1000, switchOff: true });
  for (const row of rows(200, 5, 1, 1)) ledger.add({ ...row, label: 0 });
  expect(ledger.report()).toMatchObject({ gain: null, coldGain: null, verdict: 'undecided', transfer: true });
});
