import { z } from 'zod';
import { count, freeKey, learningKey, milliseconds, partKey, positive, seed, share } from '../key.js';
import { fileInput } from './columns.js';
import { kafkaInput } from './kafka-input.js';

const flipped = partKey(share, 'Share of the target topics whose vector flips.');
const at = partKey(share, 'Where the drift starts, as a share of the stream.');

const drift = z
  .union([
    z.strictObject({ kind: z.literal('sudden'), at, share: flipped }),
    z.strictObject({
      kind: z.literal('gradual'),
      at,
      until: partKey(share, 'Where the drift is complete, as a share of the stream.'),
      share: flipped,
    }),
    z.strictObject({
      kind: z.literal('recurring'),
      period: partKey(share.gt(0), 'How long each concept lasts, as a share of the stream.'),
      share: flipped,
    }),
  ])
  .nullable();

const messages = z.strictObject({
  clickDelayMeanMs: partKey(positive.default(600_000), 'Mean delay of a click after its impression, exponential.'),
  jitterMs: partKey(milliseconds.default(30_000), 'Every message arrives up to this late, uniformly.'),
  lateShare: partKey(share.default(0.01), 'Share of messages that arrive later still.'),
  lateMs: partKey(milliseconds.default(600_000), 'How much later those arrive at most.'),
  duplicateShare: partKey(share.default(0.01), 'Share of messages that are sent twice.'),
});

const knob = <S extends z.ZodType>(schema: S, description: string) =>
  learningKey(schema, `${description} Default: the preset's.`).exactOptional();

/** Knobs of the generative model, algorithm.md E.1; what is left out comes from the preset. */
const synthetic = z
  .strictObject({
    preset: learningKey(
      z.enum(['default', 'test', 'huawei', 'claim1', 'claim2', 'claim3', 'claim4', 'claim6']).default('default'),
      'Ready stream: default (a show), test (click rates .10 and .20), huawei (.015 and .08, ratio 5), claim1 history, claim2 cold users, claim3 approach to Bayes, claim4 drift, claim6 covariate shift.',
    ),
    events: knob(count, 'Events of both domains together.'),
    seed: learningKey(seed.default(1), 'Seed of the stream; the learner has its own.'),
    users: knob(count, 'Users.'),
    latent: knob(count, 'Width of the latent tastes and topics.'),
    ages: knob(count, 'Values of the user feature age.'),
    cities: knob(count, 'Values of the user feature city.'),
    profileShare: knob(share, 'Share of the taste that age and city explain.'),
    topics: knob(count, 'Topics of items.'),
    conceptShiftDegrees: knob(z.number(), 'Angle between the topic vectors of the two domains.'),
    itemsT: knob(count, 'Items of the target domain.'),
    itemsS: knob(count, 'Items of the source domain.'),
    zipf: knob(z.number().min(0), 'Exponent of the popularity of items.'),
    topicShift: knob(z.number().min(0), 'Strength of the covariate shift of exposure between the domains.'),
    targetUsers: knob(share, 'Share of the users that appear in the target domain.'),
    coldShare: knob(share, 'Share of those that appear there only late.'),
    coldFrom: knob(share, 'Where cold users start to appear in the target domain, as a share of the stream.'),
    sourceRatio: knob(z.number().min(0), 'Source rows for each target row.'),
    hours: knob(positive, 'Length of the stream in hours of event time.'),
    histLen: knob(count, 'True last clicks that the click probability looks at.'),
    histMode: knob(
      z.enum(['any', 'share']),
      "History effect: any of the last clicks has the item's topic, or their share.",
    ),
    history: knob(z.number(), 'Weight of the history effect in the logit.'),
    taste: knob(z.number(), 'Weight of the taste in the logit.'),
    quality: knob(z.number(), 'Weight of the item quality in the logit.'),
    ctrT: knob(z.number().gt(0).lt(1), 'Mean click rate of the target domain.'),
    ctrS: knob(z.number().gt(0).lt(1), 'Mean click rate of the source domain.'),
    drift: knob(
      drift,
      'Concept drift of the target topics: {kind: sudden, at, share}, {kind: gradual, at, until, share} or {kind: recurring, period, share}. null: none.',
    ),
    messages: learningKey(
      messages.nullable().default(null),
      'Impressions and clicks as separate messages in order of arrival: {clickDelayMeanMs, jitterMs, lateShare, lateMs, duplicateShare}, all with defaults. null: labels stand in the event.',
    ),
  })
  .prefault({});

export const input = z
  .strictObject({
    kind: freeKey(z.enum(['synthetic', 'files', 'kafka']).default('synthetic'), 'Where events come from.'),
    synthetic,
    files: z.array(fileInput).default([]),
    kafka: kafkaInput,
  })
  .refine(({ kind, kafka }) => kind !== 'kafka' || kafka.topics.length > 0, {
    path: ['kafka', 'topics'],
    message: 'must list at least one topic when input.kind is kafka',
  })
  .refine(({ kind, files }) => kind !== 'files' || files.length > 0, {
    path: ['files'],
    message: 'must list at least one entry when input.kind is files',
  })
  .prefault({});
