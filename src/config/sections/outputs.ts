import { z } from 'zod';
import { count, freeKey, learningKey, milliseconds, text } from '../key.js';

/** What is measured, kept and written. */

export const evaluation = z
  .strictObject({
    windowPositives: learningKey(count.default(500), 'Clicks that a rolling window holds at least, for each domain.'),
    minWindowMs: learningKey(
      milliseconds.default(86_400_000),
      'Event time that a rolling window spans at least, in ms: the longer of both counts.',
    ),
    maxWindowRows: learningKey(count.default(100_000), 'Rows of a rolling window at most.'),
    coldImpressions: learningKey(count.default(5), 'A user with fewer earlier target impressions is cold.'),
    newItemImpressions: learningKey(count.default(5), 'An item with fewer earlier impressions is new.'),
    bins: learningKey(
      z.int().min(16).max(65_536).default(4096),
      'Bins of the whole-run AUC over logits from -12 to 12; its error bound is published with it.',
    ),
  })
  .prefault({});

export const checkpoint = z
  .strictObject({
    directory: freeKey(
      text.nullable().default(null),
      'Directory of checkpoints, relative to the configuration file. null: none are written.',
    ),
    everySteps: freeKey(count.nullable().default(1000), 'Training steps between checkpoints. null: not by steps.'),
    everyEventTimeMs: freeKey(
      count.nullable().default(null),
      'Event time between checkpoints, in ms. null: not by event time.',
    ),
    keep: freeKey(count.default(3), 'Newest checkpoints kept.'),
  })
  .prefault({});

const topic = text
  .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'must be the name of a topic')
  .nullable()
  .default(null);

const kafkaSinks = z
  .strictObject({
    metricsTopic: freeKey(topic, 'Topic of metrics (JSON, key: step). null: none.'),
    predictionsTopic: freeKey(topic, 'Topic of scored impressions (JSON, key: impression id). null: none.'),
    deadLetterTopic: freeKey(
      topic,
      'Topic of bad and late records as they came, why and whence in headers. null: none.',
    ),
    maxQueuedBytes: freeKey(
      count.default(16 << 20),
      'Records that may wait while brokers are away, in bytes; beyond it learning waits.',
    ),
  })
  .prefault({});

export const sinks = z
  .strictObject({
    deadLetters: freeKey(
      text.nullable().default(null),
      'File of bad and late records (JSON Lines), relative to the configuration file. null: they are only counted.',
    ),
    predictions: freeKey(
      text.nullable().default(null),
      'File of scored impressions, relative to the configuration file. null: none.',
    ),
    metrics: freeKey(
      text.nullable().default(null),
      'File of metrics (JSON Lines), relative to the configuration file. null: none.',
    ),
    kafka: kafkaSinks,
  })
  .prefault({});
