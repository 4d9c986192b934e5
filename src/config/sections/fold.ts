import { z } from 'zod';
import { count, countOrZero, freeKey, learningKey, milliseconds, share, text } from '../key.js';

/** Everything between the source and the model, in the order of the way of one event. */

export const features = z
  .strictObject({
    shared: learningKey(
      z.array(text).default([]),
      'Item features whose values mean the same in both domains and share one vocabulary.',
    ),
  })
  .prefault({});

export const ordering = z
  .strictObject({
    outOfOrdernessMs: learningKey(
      milliseconds.default(0),
      'How far an event may lag behind the newest of its partition, in ms of event time; beyond it is late.',
    ),
    dedupWindowMs: learningKey(
      milliseconds.default(3_600_000),
      'How long an event id is remembered to drop duplicates, in ms of event time.',
    ),
    latePolicy: freeKey(
      z.enum(['deadLetter', 'drop']).default('deadLetter'),
      'Late events: written to the dead letters, or only counted. They are never learned from.',
    ),
    maxBufferedEvents: freeKey(
      count.default(1_000_000),
      'Events held to put them in order; the run stops with an error beyond it.',
    ),
    sortMemoryBytes: freeKey(
      count.default(256 * 1024 * 1024),
      'Memory for sorting a file log, in bytes; more goes to temporary files.',
    ),
  })
  .prefault({});

export const history = z
  .strictObject({
    length: learningKey(count.default(20), 'Newest clicks kept for each user and domain (L of the paper).'),
    maxAgeMs: learningKey(
      count.nullable().default(null),
      'Clicks older than this are not shown, in ms of event time. null: no limit.',
    ),
    clickedOnly: learningKey(z.boolean().default(true), 'Histories hold clicked items only, not all impressions.'),
    sourceClicks: learningKey(
      z.boolean().default(true),
      'Show the clicks of the source domain; false to measure what they bring.',
    ),
    maxUsers: learningKey(count.default(1_000_000), 'Users kept; the least recently seen go first.'),
    maxItems: learningKey(count.default(1_000_000), 'Items kept in the catalogue; the least recently seen go first.'),
  })
  .prefault({});

export const labels = z
  .strictObject({
    mode: learningKey(
      z.enum(['wait', 'fakeNegativeWeighted', 'fakeNegativeCalibrated', 'esDfm', 'defer']).default('wait'),
      'When training learns an impression whose click is told later. wait: at its click, or once the window has closed. fakeNegativeWeighted: as a negative at once and as a positive at its click, weighted; fakeNegativeCalibrated: the same unweighted, predictions corrected. esDfm: at `firstLookMs` with the label by then, and again at a later click, weighted. defer: as esDfm, and once more when the window has closed. Metrics, histories and statistics use final labels in every mode.',
    ),
    firstLookMs: learningKey(
      count.default(300_000),
      'esDfm, defer: time from an impression to its first look, in ms of event time; below `attributionWindowMs`.',
    ),
    negativeRate: learningKey(
      z.number().gt(0).max(1).default(1),
      'Share of the negatives that training learns, chosen by a hash of the impression id; predictions are corrected, metrics see all.',
    ),
    attributionWindowMs: learningKey(
      milliseconds.default(1_800_000),
      'A click counts when it comes at most this long after its impression, in ms of event time.',
    ),
    maxPending: learningKey(
      count.default(1_000_000),
      'Impressions that may wait for their label; beyond it the oldest is given up and counted.',
    ),
  })
  .refine(
    ({ mode, firstLookMs, attributionWindowMs }) =>
      (mode !== 'esDfm' && mode !== 'defer') || firstLookMs < attributionWindowMs,
    { path: ['firstLookMs'], message: 'must be below labels.attributionWindowMs: the first look is before the last' },
  )
  .prefault({});

export const batching = z
  .strictObject({
    size: learningKey(count.default(256), 'Rows of a training step, both domains together (B).'),
    replayShare: learningKey(
      z.number().min(0).lt(1).default(0),
      'Share of a step filled with rows learned before (q), below 1.',
    ),
    maxReplays: learningKey(countOrZero.default(1), 'How often a row may be replayed (r).'),
    recencyRows: learningKey(countOrZero.default(4096), 'Newest rows of each domain kept for replay.'),
    reservoirRows: learningKey(
      countOrZero.default(16_384),
      'Uniform sample of the past of each domain kept for replay; while fewer than 5 % are clicked, half as many clicks beside it, weighted back.',
    ),
    minTargetShare: learningKey(
      share.default(0.25),
      "Share of target rows that replay lifts a step to, if the domain's natural share allows.",
    ),
    maxBatchDelayMs: learningKey(
      milliseconds.default(3_600_000),
      'A shorter step is due once event time has passed its oldest row by this, in ms.',
    ),
  })
  .refine(({ size, replayShare }) => Math.round(size * (1 - replayShare)) >= 1, {
    path: ['replayShare'],
    message: 'leaves no room for a fresh row: size times (1 - replayShare) must round to at least 1',
  })
  .prefault({});
