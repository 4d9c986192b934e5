import { DOMAINS, type Domain } from '../core/index.js';

/** One picture: which columns it draws and how to read them. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What is drawn and how to read it, in a sentence or two. */
  readonly caption: string;
  /** How values are written: plain, a share as per cent, bytes, milliseconds, a count. */
  readonly format: 'plain' | 'share' | 'bytes' | 'milliseconds' | 'count';
  readonly lines: readonly ChartLine[];
  /** Horizontal reference lines. */
  readonly marks: readonly { readonly label: string; readonly y: number; readonly color: LineColor }[];
}

type LineColor = 'target' | 'source' | 'third' | 'fourth';

interface ChartLine {
  readonly key: string;
  readonly label: string;
  readonly color: LineColor;
  readonly dashed?: true;
  /** Columns of the lower and upper end of a band around the line. */
  readonly band?: readonly [low: string, high: string];
}

/** AUC of the true click probabilities where a stream has them. */
export type Ceiling = Readonly<Record<Domain, number | null>>;

/** How good the model is. `races`: the adversary is automatic and judged by a race. */
export function qualityCharts(ceiling: Ceiling | null, races: boolean): Chart[] {
  return [
    {
      id: 'auc',
      title: 'Rolling AUC',
      caption:
        'Scored before learned, over the newest window of each domain, with its 95 % interval. 0.5 is chance.' +
        (ceiling === null ? '' : ' The ceiling is the AUC of the true click probabilities: no learner can beat it.'),
      format: 'plain',
      lines: DOMAINS.map((domain) => ({
        key: `${domain}Auc`,
        label: domain,
        color: domain,
        band: [`${domain}AucLow`, `${domain}AucHigh`],
      })),
      marks: DOMAINS.flatMap((domain) => {
        const y = ceiling?.[domain] ?? null;
        return y === null ? [] : [{ label: `ceiling, ${domain}`, y, color: domain }];
      }),
    },
    {
      id: 'entropy',
      title: 'Normalized entropy',
      caption: 'Log loss of the window over that of its click rate alone: below 1 knows more than the rate.',
      format: 'plain',
      lines: byDomain('Ne'),
      marks: [{ label: 'click rate alone', y: 1, color: 'third' }],
    },
    {
      id: 'calibration',
      title: 'Calibration',
      caption: 'Predicted clicks over observed ones in the window: 1 is right, above 1 promises too much.',
      format: 'plain',
      lines: byDomain('Calibration'),
      marks: [{ label: 'calibrated', y: 1, color: 'third' }],
    },
    {
      id: 'click-rate',
      title: 'Click rate',
      caption:
        'Share of the rows in the window that were clicked. A sudden change is a change of the log, not of the model.',
      format: 'share',
      lines: byDomain('ClickRate'),
      marks: [],
    },
    {
      id: 'adversary',
      title: 'Discriminators, in units of a confused one',
      caption:
        'Loss of the three domain discriminators over that of a coin with the domain prior: 1 is confused, less is informed, far more has run away. Reversal is the strength of the gradient reversal.',
      format: 'plain',
      lines: [
        { key: 'globalLoss', label: 'global', color: 'target' },
        { key: 'clickedLoss', label: 'clicked', color: 'source' },
        { key: 'notClickedLoss', label: 'not clicked', color: 'third' },
        { key: 'reversal', label: 'reversal', color: 'fourth', dashed: true },
      ],
      marks: [{ label: 'confused', y: 1, color: 'third' }],
    },
    ...(races ? [RACE] : []),
    {
      id: 'interest',
      title: 'Interest weights by label',
      caption:
        'How much the user, the target history and the source history count in target rows (the paper, figure 7): solid where clicked, dashed where not.',
      format: 'plain',
      lines: [...interestLines('clicked', false), ...interestLines('notClicked', true)],
      marks: [],
    },
  ];
}

/** How the process fares. */
export const OPERATION_CHARTS: readonly Chart[] = [
  {
    id: 'throughput',
    title: 'Throughput',
    caption: 'Events folded a second.',
    format: 'count',
    lines: [{ key: 'eventsPerSecond', label: 'events a second', color: 'source' }],
    marks: [],
  },
  {
    id: 'lag',
    title: 'Records not yet read',
    caption: 'Summed over the partitions whose end is known.',
    format: 'count',
    lines: [{ key: 'lagRecords', label: 'records', color: 'target' }],
    marks: [],
  },
  {
    id: 'step-time',
    title: 'Time of a step',
    caption:
      'Training step and scoring call as the front half waits for them, and the 99th percentile of the event loop delay.',
    format: 'milliseconds',
    lines: [
      { key: 'stepMs', label: 'step', color: 'target' },
      { key: 'scoreMs', label: 'score', color: 'source' },
      { key: 'eventLoopDelayMs', label: 'event loop delay', color: 'third', dashed: true },
    ],
    marks: [],
  },
  {
    id: 'queues',
    title: 'What waits',
    caption: 'Impressions for their label, rows for their step, turns for the learner.',
    format: 'count',
    lines: [
      { key: 'queueLabel', label: 'impressions', color: 'target' },
      { key: 'queueStep', label: 'rows', color: 'source' },
      { key: 'queueTurn', label: 'turns', color: 'third' },
    ],
    marks: [],
  },
  {
    id: 'memory',
    title: 'Memory',
    caption: 'The whole process, and of it the JavaScript heap, array buffers and embedding tables.',
    format: 'bytes',
    lines: [
      { key: 'memoryResident', label: 'process', color: 'third' },
      { key: 'memoryHeap', label: 'heap', color: 'source' },
      { key: 'memoryBuffers', label: 'buffers', color: 'fourth' },
      { key: 'memoryTables', label: 'tables', color: 'target' },
    ],
    marks: [],
  },
  {
    id: 'history',
    title: 'History lengths',
    caption: 'Mean number of earlier items of the user that a scored row carries.',
    format: 'plain',
    lines: [
      { key: 'historyTarget', label: 'target', color: 'target' },
      { key: 'historySource', label: 'source', color: 'source' },
    ],
    marks: [],
  },
];

const RACE: Chart = {
  id: 'race',
  title: 'What the adversary gains',
  caption:
    'Log loss of target rows without the adversary minus with it, recent rows weighing more: above 0 it helps. It takes over the scores only where it does.',
  format: 'plain',
  lines: [{ key: 'adversaryGain', label: 'nats a row', color: 'target' }],
  marks: [{ label: 'no difference', y: 0, color: 'third' }],
};

function byDomain(what: string): ChartLine[] {
  return DOMAINS.map((domain) => ({ key: domain + what, label: domain, color: domain }));
}

function interestLines(rows: 'clicked' | 'notClicked', dashed: boolean): ChartLine[] {
  const name = rows === 'clicked' ? '' : ', not clicked';
  const line = (interest: string, label: string, color: LineColor): ChartLine => ({
    key: `${rows}Interest${interest}`,
    label: label + name,
    color,
    ...(dashed ? { dashed: true as const } : {}),
  });
  return [
    line('User', 'user', 'third'),
    line('Target', 'target history', 'target'),
    line('Source', 'source history', 'source'),
  ];
}
