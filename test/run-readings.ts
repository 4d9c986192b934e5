import { foldOptions } from '../pipelines/assembly.js';
import { parseConfig } from '../src/config/index.js';
import type { RollingSummary } from '../src/evaluation/index.js';
import { Evaluation, type EvaluationSummary } from '../src/evaluation/index.js';
import type { RunReading } from '../src/telemetry/run-reading.js';

/** As configured by default. */
export const EVALUATION = foldOptions(parseConfig('', 'test', { env: {}, overrides: [] })).evaluation;
const EMPTY = new Evaluation(EVALUATION).summary();

const GAIN = { difference: 0.02, standardError: 0.005, low: 0.01, high: 0.03, rows: 900 };

/** A reading of a run that has come to `events` events; every figure has a value, and all of them move. */
export function runReading(events: number, changes: Partial<RunReading> = {}): RunReading {
  const wave = Math.sin(events / 50_000);
  return {
    clockMs: 1_800_000_000_000 + events,
    events,
    eventTimeMs: 1_700_000_000_000 + events * 1000,
    steps: Math.floor(events / 32),
    eventsPerSecond: 10_000 + 1000 * wave,
    backend: 'fused',
    held: null,
    system: 'kafka',
    domains: domains(wave),
    badDays: { target: [], source: [] },
    versions: null,
    counts: {
      duplicates: 3,
      orphanClicks: 2,
      labelsGivenUp: 1,
      trained: events,
      discarded: 1,
      restored: 1,
      consumed: events,
      checkpoints: 2,
      published: 1,
      refused: 1,
      controls: 1,
      controlsRefused: 1,
    },
    rows: {
      target: { scored: events / 4, judged: events / 5, clicked: events / 50 },
      source: { scored: events / 2, judged: events / 3, clicked: events / 20 },
    },
    deadLetters: { DADIN_RECORD_MALFORMED: 4, DADIN_RECORD_LATE: 5 },
    step: {
      milliseconds: 2 + wave,
      lossLabel: 0.4,
      global: 1 + wave / 10,
      clicked: 0.9,
      notClicked: 1.1,
      reversal: 0.5 + wave / 2,
      interestClicked: [0.5, 1.2, 0.8],
      interestNotClicked: [0.6, 1, 0.7],
    },
    scoreMs: 1,
    historyLength: { target: 3 + wave, source: 9 - wave },
    race: { adversary: true, recentGain: wave / 1000 },
    transfer: { transfer: true, gain: GAIN, coldGain: GAIN },
    lag: { 'ads/0': 10, 'news/0': 20 },
    queues: { label: 100, step: 16, turn: 2 },
    eventLoopDelayMs: 12,
    memory: { resident: 3e8, heap: 5e7, buffers: 2e7, tables: 4e7 },
    embeddings: { rows: { user: 10, itemTarget: 20, itemSource: 30, shared: 5 }, evicted: 7 },
    users: 1000,
    items: 200,
    checkpointAgeMs: 5000,
    waitingFor: null,
    ...changes,
  };
}

function domains(wave: number): EvaluationSummary {
  const { target, source } = EMPTY;
  return {
    target: { ...target, window: window(target.window, 0.8 + wave / 20) },
    source: { ...source, window: window(source.window, 0.75 - wave / 20) },
  };
}

function window(empty: RollingSummary, auc: number): RollingSummary {
  return { ...empty, auc, aucSe: 0.01, rows: 1000, positives: 100, logLoss: 0.3, ne: 0.9, calibration: 1.1 };
}
