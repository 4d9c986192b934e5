import { z } from 'zod';
import { count, countOrZero, freeKey, positive, share, text } from '../key.js';

const gate = z
  .strictObject({
    minRows: freeKey(
      countOrZero.default(1000),
      'Judged target rows that the rolling window must hold before a version is published.',
    ),
    minAuc: freeKey(
      share.nullable().default(0.5),
      'A version whose rolling AUC is surely (95 %) below this is refused, in each domain. null: not judged.',
    ),
    maxNe: freeKey(
      positive.nullable().default(1),
      'A version whose normalised entropy is above this is refused; 1 is the click rate alone. null: not judged.',
    ),
    maxMiscalibration: freeKey(
      z.number().min(1).nullable().default(1.5),
      'A version whose predicted clicks are surely off the observed ones by more than this factor, in the rolling window or since a version was due last, is refused. null: not judged.',
    ),
    maxAucDrop: freeKey(
      share.nullable().default(0.03),
      'A version whose rolling AUC, or that of the rows judged since a version was due last, is surely by more than this below the rolling AUC of the one published last is refused. null: not judged.',
    ),
    maxRateShift: freeKey(
      z.number().min(1).nullable().default(2),
      'A version is refused while the click rate of the rows judged since a version was due last is surely off that of the one published last by more than this factor. null: not judged.',
    ),
  })
  .prefault({});

/** Model versions for subscribers; nothing here changes what is learned. */
export const publish = z
  .strictObject({
    directory: freeKey(
      text.nullable().default(null),
      'Directory of model versions, relative to the configuration file. null: none are written there.',
    ),
    topic: freeKey(
      text.nullable().default(null),
      'Topic of model versions instead, of one partition and with cleanup.policy=compact, in the cluster of `kafka`. null: none.',
    ),
    name: freeKey(
      z
        .string()
        .regex(/^[\w.-]+$/)
        .default('dadin'),
      'Name of the model that subscribers ask for; letters, digits, dot, dash and underscore.',
    ),
    everySteps: freeKey(count.nullable().default(1000), 'Training steps between versions. null: not by steps.'),
    everyEventTimeMs: freeKey(
      count.nullable().default(null),
      'Event time between versions, in ms. null: not by event time.',
    ),
    rows: freeKey(
      z.enum(['float32', 'float16', 'int8']).default('float32'),
      'How embedding rows are written. float16 halves them and int8 (with a factor a row) quarters them; scores are then near the learner, not its bits.',
    ),
    fullEvery: freeKey(
      count.default(20),
      'At most so many versions in a row hold only what changed; also sooner, where those grow beyond half of a full one.',
    ),
    keep: freeKey(count.default(2), 'Full versions kept, each with the deltas after it.'),
    keepRefused: freeKey(
      countOrZero.default(5),
      'Refused versions kept for inspection, in `refused` beside the published ones or, where those go to a topic, beside the checkpoints: the first of every row of refusals for the same reasons.',
    ),
    gate,
  })
  .refine(({ directory, topic }) => directory === null || topic === null, {
    path: ['topic'],
    message: 'is one place of model versions and publish.directory another: name one of them',
  })
  .prefault({});
