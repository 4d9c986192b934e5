import type { StepReport } from '../core/index.js';
import type { EvaluationSummary } from '../evaluation/index.js';

/** One record of the metrics file. */
export interface MetricsPoint extends StepReport {
  readonly events: number;
  readonly eventTimeMs: number;
  readonly domains: EvaluationSummary;
}

/** A chart's data as uPlot takes it: the x column first; null is a gap. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What is drawn and how to read it, in a sentence. */
  readonly caption: string;
  readonly lines: readonly ChartLine[];
  readonly columns: readonly (readonly (number | null)[])[];
  /** Horizontal reference lines. */
  readonly marks: readonly { readonly label: string; readonly y: number }[];
}

interface ChartLine {
  readonly label: string;
  readonly color: 'target' | 'source' | 'third';
  /** Column numbers of the lower and upper end of a band around the line. */
  readonly band?: readonly [low: number, high: number];
}

type Column = (point: MetricsPoint) => number | null;

/** The pictures of a run: quality, calibration, adversary, interest. Points without a value leave gaps. */
export function charts(
  points: readonly MetricsPoint[],
  ceiling: Readonly<Record<string, number | null>> | null,
): Chart[] {
  const x = points.map(({ events }) => events);
  const columns = (...of: Column[]): Chart['columns'] => [x, ...of.map((column) => points.map(column))];
  const auc =
    (domain: 'target' | 'source', by: number): Column =>
    (p) => {
      const { auc: value, aucSe } = p.domains[domain].window;
      return value === null || aucSe === null
        ? by === 0
          ? value
          : null
        : Math.min(1, Math.max(0, value + by * aucSe));
    };
  const marks = (['target', 'source'] as const).flatMap((domain) => {
    const y = ceiling?.[domain] ?? null;
    return y === null ? [] : [{ label: `ceiling, ${domain}`, y }];
  });
  const inUnitsOfH =
    (loss: (p: MetricsPoint) => number | null): Column =>
    (p) => {
      const value = loss(p);
      return value === null || p.confusedLoss === 0 ? null : value / p.confusedLoss;
    };
  return [
    {
      id: 'auc',
      title: 'Rolling AUC',
      caption: 'Scored before learned, over the newest window of each domain, with its 95 % interval. 0.5 is chance.',
      lines: [
        { label: 'target', color: 'target', band: [3, 4] },
        { label: 'source', color: 'source', band: [5, 6] },
      ],
      columns: columns(
        auc('target', 0),
        auc('source', 0),
        auc('target', -1.96),
        auc('target', 1.96),
        auc('source', -1.96),
        auc('source', 1.96),
      ),
      marks,
    },
    {
      id: 'calibration',
      title: 'Calibration',
      caption: 'Predicted clicks over observed ones in the window: 1 is right, above 1 promises too much.',
      lines: [
        { label: 'target', color: 'target' },
        { label: 'source', color: 'source' },
      ],
      columns: columns(
        (p) => p.domains.target.window.calibration,
        (p) => p.domains.source.window.calibration,
      ),
      marks: [{ label: 'calibrated', y: 1 }],
    },
    {
      id: 'adversary',
      title: 'Discriminators, in units of a confused one',
      caption:
        'Losses of the three domain discriminators over that of a coin with the domain prior: 1 is confused, less is informed. Reversal is the strength of the gradient reversal.',
      lines: [
        { label: 'global', color: 'target' },
        { label: 'clicked', color: 'source' },
        { label: 'not clicked', color: 'third' },
        { label: 'reversal', color: 'third' },
      ],
      columns: columns(
        inUnitsOfH((p) => p.lossDomain),
        inUnitsOfH((p) => p.lossClass1),
        inUnitsOfH((p) => p.lossClass0),
        (p) => p.reversal,
      ),
      marks: [{ label: 'confused', y: 1 }],
    },
    {
      id: 'interest',
      title: 'Interest weights of clicked target rows',
      caption: 'How much the user, the target history and the source history count (the paper, figure 7).',
      lines: [
        { label: 'user', color: 'third' },
        { label: 'target history', color: 'target' },
        { label: 'source history', color: 'source' },
      ],
      columns: columns(
        (p) => p.interestPositive?.[0] ?? null,
        (p) => p.interestPositive?.[1] ?? null,
        (p) => p.interestPositive?.[2] ?? null,
      ),
      marks: [],
    },
  ];
}

/** At most `most` points, evenly spaced, the last one kept. */
export function thinned<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points;
  const stride = Math.ceil(points.length / most);
  return points.filter((_, i) => (points.length - 1 - i) % stride === 0);
}
