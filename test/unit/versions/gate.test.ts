import { expect, it } from 'vitest';
import {
  type FreshSummary,
  type GateOptions,
  type GateSummary,
  gateReasons as judge,
} from '../../../src/versions/index.js';

const OPTIONS: GateOptions = {
  minRows: 1000,
  minAuc: 0.5,
  maxNe: 1,
  maxMiscalibration: 1.5,
  maxAucDrop: 0.03,
  maxRateShift: 2,
};
const GOOD = { rows: 5000, positives: 500, auc: 0.72, aucSe: 0.01, ne: 0.9, calibration: 1.02 };

const FRESH = { rows: 400, positives: 40, predicted: 41, auc: 0.72, aucSe: 0.04, newest: { rows: 64, positives: 6 } };

function fresh(target: Partial<typeof FRESH>, source: Partial<typeof FRESH> = {}): FreshSummary {
  return { target: { ...FRESH, ...target }, source: { ...FRESH, ...source } };
}

const gateReasons = (options: GateOptions, figures: GateSummary, champion: GateSummary | null) =>
  judge(options, figures, fresh({}), champion);

function summary(target: Partial<typeof GOOD>, source: Partial<typeof GOOD> = {}): GateSummary {
  return { target: { ...GOOD, ...target }, source: { ...GOOD, ...source } };
}

it('lets a good version through, first and later', () => {
  expect(gateReasons(OPTIONS, summary({}), null)).toEqual([]);
  expect(gateReasons(OPTIONS, summary({}), summary({}))).toEqual([]);
});

it.each([
  ['too few target rows', summary({ rows: 999 }), /^target: 999 judged rows, fewer than 1000$/],
  ['flipped labels', summary({ auc: 0.31 }), /^target: AUC 0.3100 is surely below 0.5$/],
  ['worse than the click rate alone', summary({}, { ne: 1.07 }), /^source: normalised entropy 1.0700 is above 1$/],
  [
    'clicks promised that do not come',
    summary({ calibration: 2.4 }),
    /^target: predicted over observed clicks is 2.4000/,
  ],
  ['clicks not promised that come', summary({ calibration: 0.4 }), /^target: predicted over observed clicks is 0.4000/],
  ['one class only', summary({ auc: null as never, ne: null as never }), /^target: all labels are of one class$/],
])('refuses %s and says why', (_, figures, reason) => {
  const reasons = gateReasons(OPTIONS, figures, null);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(reason);
});

it('refuses a fall since the version published last, but not within the error of both', () => {
  const champion = summary({});
  expect(gateReasons(OPTIONS, summary({ auc: 0.6 }), champion)[0]).toMatch(/^target: AUC fell from 0.7200 to 0.6000/);
  expect(gateReasons(OPTIONS, summary({ auc: 0.68 }), champion)).toEqual([]);
  expect(gateReasons(OPTIONS, summary({ auc: 0.6, aucSe: 0.06 }), champion)).toEqual([]);
});

it('forgives what few rows cannot show', () => {
  expect(gateReasons(OPTIONS, summary({ auc: 0.48, aucSe: 0.02 }), null)).toEqual([]);
  expect(gateReasons(OPTIONS, summary({ calibration: 1.7, positives: 60 }), null)).toEqual([]);
});

it('does not judge a source with too few rows, nor what is switched off', () => {
  expect(gateReasons(OPTIONS, summary({}, { rows: 3, ne: 9 }), null)).toEqual([]);
  const off: GateOptions = {
    minRows: 0,
    minAuc: null,
    maxNe: null,
    maxMiscalibration: null,
    maxAucDrop: null,
    maxRateShift: null,
  };
  expect(gateReasons(off, summary({ auc: 0.1, ne: 4, calibration: 9 }), summary({}))).toEqual([]);
});

it.each([
  ['as predicted', { positives: 40, predicted: 70 }, null],
  [
    'none where many were predicted',
    { rows: 30, positives: 0, predicted: 24, auc: null as never },
    /^0 clicks since .*, 24.0 predicted$/,
  ],
  ['none where few were', { rows: 50, positives: 0, predicted: 5, auc: null as never }, null],
  [
    'many where few were predicted',
    { rows: 3000, positives: 300, predicted: 60 },
    /^300 clicks since .*, 60.0 predicted$/,
  ],
  [
    'three times the rate before, as predicted',
    { positives: 120, predicted: 119 },
    /^120 clicks in the newest 400 rows, 40.0 at the rate before$/,
  ],
  ['a third of the rate before, as predicted', { positives: 8, predicted: 8 }, /^8 clicks in the newest 400 rows/],
  [
    'half of the newest rows clicked',
    { newest: { rows: 64, positives: 32 } },
    /^32 clicks in the newest 64 rows, 6.4 at/,
  ],
  ['an AUC that fell', { auc: 0.3 }, /^AUC since a version was due last is 0.3000, 0.7200 when one was published$/],
  ['an AUC of a handful of clicks', { rows: 50, positives: 5, predicted: 5, auc: 0.3, aucSe: 0 }, null],
])('the rows since a version was due last: %s', (_, figures, reason) => {
  const reasons = judge(OPTIONS, summary({}), fresh({}, figures), summary({}));
  if (reason === null) expect(reasons).toEqual([]);
  else expect(reasons.map((text) => text.replace('source: ', ''))).toEqual([expect.stringMatching(reason)]);
});
