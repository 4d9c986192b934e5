import { Command } from 'commander';
import { DadinError } from '../core/index.js';
import {
  comparePredictions,
  type PredictionsComparison,
  type SliceComparison,
} from '../inspection/compare-predictions.js';
import { fixed, table } from '../inspection/figures.js';
import { readPredictions } from '../inspection/read-predictions.js';
import { wholeNumber } from './whole-number.js';

interface CompareFlags {
  readonly warmUp: string;
  readonly coldImpressions: number;
  readonly newItemImpressions: number;
  readonly json: boolean;
}

export function compareCommand(): Command {
  return new Command('compare')
    .description('Compare two prediction files row by row: AUC and log loss differences with 95 % intervals a slice.')
    .argument('<a>', 'CSV of `replay --predictions`, or of another learner with its columns')
    .argument('<b>', 'the same impressions, scored by another run')
    .option('--warm-up <share>', 'share of the rows left out at the head', '0.1')
    .option('--cold-impressions <n>', 'a user with fewer earlier target impressions is cold', wholeNumber(0), 5)
    .option('--new-item-impressions <n>', 'an item with fewer earlier impressions is new', wholeNumber(0), 5)
    .option('--json', 'print one JSON object', false)
    .action(async (a: string, b: string, { warmUp, json, ...context }: CompareFlags) => {
      const share = Number(warmUp);
      if (warmUp.trim() === '' || !(share >= 0 && share < 1)) {
        throw new DadinError('DADIN_USAGE', `--warm-up ${warmUp} is not a share`, {
          step: 'compare',
          expected: 'a number from 0 to below 1',
        });
      }
      const [first, second] = [await readPredictions(a), await readPredictions(b)];
      const comparison = comparePredictions(first, second, { warmUp: share, ...context });
      process.stdout.write(json ? `${JSON.stringify({ a, b, ...comparison })}\n` : comparisonText(a, b, comparison));
    });
}

function comparisonText(a: string, b: string, comparison: PredictionsComparison): string {
  const { rows, onlyInFirst, onlyInSecond, warmUpRows, slices } = comparison;
  const odd = [
    ...(onlyInFirst > 0 ? [`${onlyInFirst} only in A`] : []),
    ...(onlyInSecond > 0 ? [`${onlyInSecond} only in B`] : []),
  ];
  const header = [
    '',
    'rows',
    'clicks',
    'AUC A',
    'AUC B',
    'A - B',
    '95 % interval',
    'log loss A - B',
    '95 % interval',
    '',
  ];
  return [
    `A  ${a}`,
    `B  ${b}`,
    `${rows} impressions of both${odd.map((text) => `, ${text}`).join('')}; the first ${warmUpRows} rows are left out`,
    '',
    ...table([header, ...slices.map(sliceRow)]),
    '',
  ].join('\n');
}

function sliceRow({ domain, slice, rows, clicks, auc, logLoss }: SliceComparison): string[] {
  return [
    `${domain} ${slice}`,
    String(rows),
    String(clicks),
    fixed(auc?.first, 4),
    fixed(auc?.second, 4),
    signed(auc?.difference),
    auc === null ? '-' : `${signed(auc.low)} to ${signed(auc.high)}`,
    signed(logLoss?.difference),
    logLoss === null ? '-' : `${signed(logLoss.low)} to ${signed(logLoss.high)}`,
    auc === null ? '' : auc.low > 0 ? 'A ranks better' : auc.high < 0 ? 'B ranks better' : 'no difference shown',
  ];
}

function signed(value: number | undefined): string {
  return value === undefined ? '-' : `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`;
}
