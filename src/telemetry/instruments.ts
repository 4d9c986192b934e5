/** What one instrument counts or shows. Names are stable: dashboards and alerts hang on them. */
export interface InstrumentDescription {
  /** OpenTelemetry name; Prometheus reads it as `prometheusName` gives it. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM, as OpenTelemetry has it: `s`, `By`, `1`, `{event}`. */
  readonly unit: string;
  readonly description: string;
  /** Attributes and the values they take; never more than a few dozen series an instrument. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Upper bounds of a histogram's buckets, in the unit. */
  readonly buckets?: readonly number[];
}

const DOMAIN = { domain: 'target, source' } as const;
const STEP_SECONDS = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 4, 16];
const SERVED_SECONDS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 3600];
const SAVE_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** Every instrument of a run. docs/metrics.md is made from this list and that of serving, and ops/ may name no other. */
export const INSTRUMENTS = {
  ready: gauge('dadin.ready', '1', '1 once restored and assigned, until the run ends; 0 before and after.'),
  held: gauge(
    'dadin.held',
    '1',
    '1 while an operator holds the learner: frozen learns nothing, paused reads nothing.',
    {
      state: 'frozen, paused',
    },
  ),
  learner: gauge('dadin.learner.info', '1', 'Always 1; its attributes say what learns.', {
    backend: 'fused, tfjs-node, tfjs-wasm',
  }),

  events: counter('dadin.events', '{event}', 'Events folded, those of the checkpoint resumed from included.'),
  deadLetters: counter('dadin.dead_letters', '{record}', 'Records not learned from since the start of the process.', {
    reason: 'the code of docs/errors.md, DADIN_RECORD_LATE among them',
  }),
  duplicates: counter('dadin.duplicates', '{event}', 'Events dropped because their id was known.'),
  orphanClicks: counter('dadin.clicks.orphaned', '{event}', 'Clicks whose impression is not known.'),
  labelsGivenUp: counter('dadin.labels.given_up', '{impression}', 'Impressions whose label was given up.'),
  scored: counter('dadin.rows.scored', '{row}', 'Impressions scored since the start of the process.', DOMAIN),
  judged: counter('dadin.rows.judged', '{row}', 'Scored impressions whose label became known.', DOMAIN),
  clicked: counter('dadin.rows.clicked', '{row}', 'Judged impressions that were clicked.', DOMAIN),

  steps: counter('dadin.steps', '{step}', 'Training steps, those of the checkpoint resumed from included.'),
  discarded: counter(
    'dadin.steps.discarded',
    '{step}',
    'Steps thrown away: not finite, or an adversary that ran away; since the start of the process.',
  ),
  restored: counter('dadin.guard.restorations', '{step}', 'Times the guard copy was put back.'),
  stepDuration: histogram('dadin.step.duration', 'Training step, as the front half waits for it.', STEP_SECONDS),
  scoreDuration: histogram('dadin.score.duration', 'Scoring call, as the front half waits for it.', STEP_SECONDS),
  trained: counter('dadin.rows.trained', '{row}', 'Rows of training steps, replayed ones included.'),

  auc: gauge('dadin.auc', '1', 'Rolling AUC, scored before learned; absent where the window lacks a class.', DOMAIN),
  aucStandardError: gauge('dadin.auc.standard_error', '1', 'Standard error of the rolling AUC.', DOMAIN),
  logLoss: gauge('dadin.log_loss', 'nat', 'Log loss a row of the rolling window.', DOMAIN),
  normalizedEntropy: gauge(
    'dadin.normalized_entropy',
    '1',
    'Log loss over the entropy of the click rate, rolling window; below 1 beats the base rate.',
    DOMAIN,
  ),
  calibration: gauge('dadin.calibration', '1', 'Predicted clicks over observed ones, rolling window.', DOMAIN),
  windowRows: gauge('dadin.window.rows', '{row}', 'Rows of the rolling window.', DOMAIN),
  windowClicks: gauge(
    'dadin.window.clicks',
    '{row}',
    'Clicks of the rolling window; 0 or all rows: one class is missing.',
    DOMAIN,
  ),
  driftAlarms: counter('dadin.drift.alarms', '{alarm}', 'Drift alarms.', DOMAIN),
  discriminatorLoss: gauge(
    'dadin.discriminator.loss.ratio',
    '1',
    'Loss of a domain discriminator over that of a confused one: 1 is confused, far above 1 has run away.',
    { discriminator: 'global, clicked, not_clicked' },
  ),
  reversal: gauge('dadin.reversal', '1', 'Strength of the gradient reversal.'),
  adversaryActive: gauge('dadin.adversary.active', '1', '1 where the scores come from the model with the adversary.'),
  adversaryGain: gauge(
    'dadin.adversary.gain',
    'nat',
    'What the adversary gains a target row, recent rows weighing more.',
  ),
  transferActive: gauge(
    'dadin.transfer.active',
    '1',
    "1 where target scores are those of the learner that knows the source domain, 0 where they are its twin's.",
  ),
  transferGain: gauge(
    'dadin.transfer.gain',
    '1',
    'AUC of target rows gained from the source domain, over the window of the transfer ledger; in units of AUC.',
    { users: 'all, cold', bound: 'estimate, low, high' },
  ),
  interestWeight: gauge('dadin.interest.weight', '1', 'Mean interest weights of target rows (the paper, figure 7).', {
    interest: 'user, target_history, source_history',
    clicked: 'true, false',
  }),
  historyLength: gauge('dadin.history.length', '{item}', 'Mean length of the histories of recently scored rows.', {
    history: 'target, source',
  }),

  lag: gauge('dadin.source.lag', '{record}', 'Records of a partition not yet read, where its end is known.', {
    partition: 'name of the partition',
  }),
  eventTimeLag: gauge('dadin.event_time.lag', 's', 'Clock minus event time reached; meaningful for live input only.'),
  queue: gauge('dadin.queue.length', '{item}', 'What waits inside the process.', {
    queue: 'label (impressions), step (rows), turn (turns given to the learner)',
  }),
  eventLoopDelay: gauge('dadin.event_loop.delay', 's', '99th percentile since the last reading.'),
  memory: gauge('dadin.memory', 'By', 'Memory by component; resident is the whole process.', {
    component: 'resident, heap, buffers, tables',
  }),
  embeddingRows: gauge('dadin.embedding.rows', '{row}', 'Live embedding rows.', {
    namespace: 'user, itemTarget, itemSource, shared',
  }),
  embeddingsEvicted: counter('dadin.embedding.evicted', '{row}', 'Embedding rows evicted.'),
  users: gauge('dadin.users', '{user}', 'Users with a history.'),
  items: gauge('dadin.items', '{item}', 'Items of the catalogue.'),

  checkpoints: counter('dadin.checkpoints', '{checkpoint}', 'Checkpoints written since the start of the process.'),
  checkpointAge: gauge('dadin.checkpoint.age', 's', 'Since the newest checkpoint was written or restored.'),
  checkpointDuration: histogram('dadin.checkpoint.duration', 'Writing a checkpoint.', SAVE_SECONDS),
  published: counter(
    'dadin.versions.published',
    '{version}',
    'Model versions published since the start of the process.',
  ),
  refused: counter('dadin.versions.refused', '{version}', 'Model versions that the gate refused.'),
  controls: counter('dadin.controls', '{request}', 'What operators asked of the learner and it did.'),
  controlsRefused: counter(
    'dadin.controls.refused',
    '{request}',
    'What operators asked of the learner and it refused.',
  ),
  publishDuration: histogram('dadin.publish.duration', 'Publishing a model version.', SAVE_SECONDS),

  consumed: counter(
    'messaging.client.consumed.messages',
    '{message}',
    'Records read, good and bad (semantic conventions for messaging); counted once a batch.',
    { 'messaging.system': 'kafka, file', 'messaging.operation.name': 'poll' },
  ),
  receiveDuration: histogram(
    'messaging.client.operation.duration',
    'Reading one batch of records (semantic conventions for messaging).',
    STEP_SECONDS,
    { 'messaging.system': 'kafka, file', 'messaging.operation.name': 'poll' },
  ),
} as const satisfies Record<string, InstrumentDescription>;

/** Every instrument of `serve`. */
export const SERVING_INSTRUMENTS = {
  servedVersion: gauge(
    'dadin.served.version',
    '{version}',
    'Number of the model version in use; absent before the first.',
  ),
  servedEventTime: gauge(
    'dadin.served.event_time',
    's',
    'Event time up to which the version in use has learned, as seconds since the epoch.',
  ),
  clickToServed: histogram(
    'dadin.served.delay',
    'From the newest event that a version has learned to its use here, once a version; meaningful for live input only.',
    SERVED_SECONDS,
  ),
  servedProblems: counter('dadin.served.problems', '{version}', 'Versions passed over, or reads of them that failed.'),
} as const satisfies Record<string, InstrumentDescription>;

/** The name under which /metrics shows the instrument; histograms add `_bucket`, `_sum` and `_count` to it. */
export function prometheusName({ name, kind }: Pick<InstrumentDescription, 'name' | 'kind'>): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, '_') + (kind === 'counter' ? '_total' : '');
}

type Attributes = Readonly<Record<string, string>>;

function counter(name: string, unit: string, description: string, attributes: Attributes = {}) {
  return { name, kind: 'counter', unit, description, attributes } as const;
}

function gauge(name: string, unit: string, description: string, attributes: Attributes = {}) {
  return { name, kind: 'gauge', unit, description, attributes } as const;
}

/** Durations are in seconds, as the semantic conventions ask. */
function histogram(name: string, description: string, buckets: readonly number[], attributes: Attributes = {}) {
  return { name, kind: 'histogram', unit: 's', description, attributes, buckets } as const;
}
