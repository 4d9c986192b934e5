import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { DOMAINS } from '../core/index.js';
import { INSTRUMENTS, type InstrumentDescription } from './instruments.js';
import type { RunReading, StepMeans } from './run-reading.js';

type ReadKey = {
  [K in keyof typeof INSTRUMENTS]: (typeof INSTRUMENTS)[K]['kind'] extends 'histogram' ? never : K;
}[keyof typeof INSTRUMENTS];

/** Gives a value; null is none, and the metric is absent then. */
type Show = (key: ReadKey, value: number | null, attributes?: Readonly<Record<string, string>>) => void;

/** Counters and gauges, read when somebody asks: between two scrapes they cost nothing. */
export function observeReadings(meter: Meter, latest: () => RunReading): void {
  const instruments = new Map<ReadKey, Observable>();
  for (const [key, description] of Object.entries(INSTRUMENTS)) {
    const { name, kind, unit, description: text }: InstrumentDescription = description;
    const options = { unit, description: text };
    if (kind === 'counter') instruments.set(key as ReadKey, meter.createObservableCounter(name, options));
    if (kind === 'gauge') instruments.set(key as ReadKey, meter.createObservableGauge(name, options));
  }
  meter.addBatchObservableCallback(
    (result: BatchObservableResult) => {
      showReading(latest(), (key, value, attributes) => {
        if (value !== null && Number.isFinite(value)) result.observe(instruments.get(key)!, value, attributes);
      });
    },
    [...instruments.values()],
  );
}

function showReading(reading: RunReading, show: Show): void {
  showWork(reading, show);
  showDomains(reading, show);
  if (reading.step !== null) showStep(reading.step, show);
  showProcess(reading, show);
}

function showWork({ counts, rows, deadLetters, events, steps }: RunReading, show: Show): void {
  show('events', events);
  for (const [reason, n] of Object.entries(deadLetters)) show('deadLetters', n, { reason });
  show('duplicates', counts.duplicates);
  show('orphanClicks', counts.orphanClicks);
  show('labelsGivenUp', counts.labelsGivenUp);
  for (const domain of DOMAINS) {
    const { scored, judged, clicked } = rows[domain];
    show('scored', scored, { domain });
    show('judged', judged, { domain });
    show('clicked', clicked, { domain });
  }
  show('steps', steps);
  show('discarded', counts.discarded);
  show('restored', counts.restored);
  show('trained', counts.trained);
  show('checkpoints', counts.checkpoints);
  show('published', counts.published);
  show('refused', counts.refused);
  show('controls', counts.controls);
  show('controlsRefused', counts.controlsRefused);
}

function showDomains({ domains, historyLength, race, transfer }: RunReading, show: Show): void {
  for (const domain of DOMAINS) {
    show('historyLength', historyLength[domain], { history: domain });
    if (domains === null) continue;
    const { window, drift } = domains[domain];
    show('auc', window.auc, { domain });
    show('aucStandardError', window.aucSe, { domain });
    show('logLoss', window.logLoss, { domain });
    show('normalizedEntropy', window.ne, { domain });
    show('calibration', window.calibration, { domain });
    show('windowRows', window.rows, { domain });
    show('windowClicks', window.positives, { domain });
    show('driftAlarms', drift.alarms, { domain });
  }
  if (race !== null) {
    show('adversaryActive', race.adversary ? 1 : 0);
    show('adversaryGain', race.recentGain);
  }
  if (transfer !== null) showTransfer(transfer, show);
}

function showTransfer({ transfer, gain, coldGain }: NonNullable<RunReading['transfer']>, show: Show): void {
  show('transferActive', transfer ? 1 : 0);
  for (const [users, of] of Object.entries({ all: gain, cold: coldGain })) {
    show('transferGain', of?.difference ?? null, { users, bound: 'estimate' });
    show('transferGain', of?.low ?? null, { users, bound: 'low' });
    show('transferGain', of?.high ?? null, { users, bound: 'high' });
  }
}

function showStep({ global, clicked, notClicked, reversal, ...step }: StepMeans, show: Show): void {
  show('discriminatorLoss', global, { discriminator: 'global' });
  show('discriminatorLoss', clicked, { discriminator: 'clicked' });
  show('discriminatorLoss', notClicked, { discriminator: 'not_clicked' });
  show('reversal', reversal);
  for (const isClicked of [true, false]) {
    const weights = isClicked ? step.interestClicked : step.interestNotClicked;
    const names = ['user', 'target_history', 'source_history'];
    for (const [i, interest] of names.entries())
      show('interestWeight', weights?.[i] ?? null, { interest, clicked: String(isClicked) });
  }
}

function showProcess(reading: RunReading, show: Show): void {
  const { queues, memory, embeddings, eventTimeMs, clockMs, checkpointAgeMs, backend } = reading;
  show('ready', reading.waitingFor === null ? 1 : 0);
  for (const state of ['frozen', 'paused']) show('held', reading.held === state ? 1 : 0, { state });
  if (backend !== null) show('learner', 1, { backend });
  for (const [partition, records] of Object.entries(reading.lag)) show('lag', records, { partition });
  show('eventTimeLag', eventTimeMs === null ? null : (clockMs - eventTimeMs) / 1000);
  for (const [queue, length] of Object.entries(queues)) show('queue', length, { queue });
  show('eventLoopDelay', reading.eventLoopDelayMs / 1000);
  for (const [component, bytes] of Object.entries(memory)) show('memory', bytes, { component });
  for (const [namespace, rows] of Object.entries(embeddings.rows)) show('embeddingRows', rows, { namespace });
  show('embeddingsEvicted', embeddings.evicted);
  show('users', reading.users);
  show('items', reading.items);
  show('checkpointAge', checkpointAgeMs === null ? null : checkpointAgeMs / 1000);
  showConsumed(reading, show);
}

function showConsumed({ counts, system }: RunReading, show: Show): void {
  if (system === null) return;
  show('consumed', counts.consumed, { 'messaging.system': system, 'messaging.operation.name': 'poll' });
}
