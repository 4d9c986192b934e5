import type { Domain } from '../core/index.js';
import type { BadDays, EvaluationSummary, TransferReport, VersionsSummary } from '../evaluation/index.js';

/** What a run shows at one moment: read by /metrics, the live page and the report, so that all say the same. */
export interface RunReading {
  /** Milliseconds since the epoch; the clock stands here and nowhere in the fold. */
  readonly clockMs: number;
  /** Events of the last turn that was settled. */
  readonly events: number;
  readonly eventTimeMs: number | null;
  readonly steps: number;
  readonly eventsPerSecond: number | null;
  readonly backend: string | null;
  /** What an operator's command holds the learner in. */
  readonly held: 'frozen' | 'paused' | null;
  /** What the records come from, as the semantic conventions name it: `kafka` or `file`. */
  readonly system: string | null;
  readonly domains: EvaluationSummary | null;
  /** Why the ranking fell, each time it did; null before the run has started. */
  readonly badDays: BadDays | null;
  /** Figures by the model version that was the newest when the row was scored; null before the first. */
  readonly versions: VersionsSummary | null;
  readonly counts: {
    readonly duplicates: number;
    readonly orphanClicks: number;
    readonly labelsGivenUp: number;
    readonly trained: number;
    readonly discarded: number;
    readonly restored: number;
    readonly consumed: number;
    readonly checkpoints: number;
    readonly published: number;
    readonly refused: number;
    /** An operator's commands, carried out and not. */
    readonly controls: number;
    readonly controlsRefused: number;
  };
  readonly rows: Readonly<Record<Domain, RowCounts>>;
  /** By code. */
  readonly deadLetters: Readonly<Record<string, number>>;
  /** Means over the steps since the reading before, the discarded ones left out; null without any. */
  readonly step: StepMeans | null;
  /** Mean milliseconds of a scoring call since the reading before. */
  readonly scoreMs: number | null;
  /** Mean items of the histories of the rows scored since the reading before. */
  readonly historyLength: Readonly<Record<Domain, number | null>>;
  readonly race: { readonly adversary: boolean; readonly recentGain: number } | null;
  /** As of the ledger's last look; null where none is kept. */
  readonly transfer: Pick<TransferReport, 'transfer' | 'gain' | 'coldGain'> | null;
  /** Unread records by partition, where the partition's end is known. */
  readonly lag: Readonly<Record<string, number>>;
  readonly queues: { readonly label: number; readonly step: number; readonly turn: number };
  /** 99th percentile since the reading before. */
  readonly eventLoopDelayMs: number;
  /** Bytes. */
  readonly memory: {
    readonly resident: number;
    readonly heap: number;
    readonly buffers: number;
    readonly tables: number;
  };
  readonly embeddings: { readonly rows: Readonly<Record<string, number>>; readonly evicted: number };
  readonly users: number;
  readonly items: number;
  readonly checkpointAgeMs: number | null;
  /** Null when ready; otherwise what the run waits for. */
  readonly waitingFor: string | null;
}

interface RowCounts {
  readonly scored: number;
  readonly judged: number;
  readonly clicked: number;
}

export interface StepMeans {
  readonly milliseconds: number;
  readonly lossLabel: number | null;
  /** Over the loss of a confused discriminator; null where the loss was skipped in all of them. */
  readonly global: number | null;
  readonly clicked: number | null;
  readonly notClicked: number | null;
  readonly reversal: number | null;
  /** Interest weights: user, target history, source history. */
  readonly interestClicked: Weights | null;
  readonly interestNotClicked: Weights | null;
}

export type Weights = readonly [user: number, target: number, source: number];

/** Something that happened at one moment of a run. */
export interface RunMark {
  readonly kind: 'drift' | 'checkpoint' | 'discarded' | 'restored' | 'notice' | 'published' | 'refused';
  readonly text: string;
  readonly events: number;
  readonly eventTimeMs: number | null;
  readonly clockMs: number;
}

/** A record that was not learned from. */
export interface DeadLetterExample {
  readonly partition: string;
  readonly position: string;
  readonly code: string;
  readonly reason: string;
}
