import { z } from 'zod';
import { count, freeKey, learningKey, milliseconds, positive, seed, share } from '../key.js';
import { fileInput } from './columns.js';

const drift = z
  .strictObject({
    kind: learningKey(z.enum(['sudden', 'gradual', 'recurring']), 'Shape of the drift.'),
    at: learningKey(share.exactOptional(), 'Where it starts, as a share of the stream.'),
    until: learningKey(share.exactOptional(), 'Where a gradual drift is complete, as a share of the stream.'),
    period: learningKey(share.exactOptional(), 'Period of a recurring drift, as a share of the stream.'),
    share: learningKey(share, 'Share of the target topics whose vector flips.'),
  })
  .nullable();

const messages = z.strictObject({
  meanDelayMs: learningKey(milliseconds.default(60_000), 'Mean delay of a click after its impression, exponential.'),
  jitterMs: learningKey(milliseconds.default(0), 'Uniform delay of the arrival of every message.'),
  lateShare: learningKey(share.default(0), 'Share of messages that arrive late.'),
  lateMs: learningKey(milliseconds.default(0), 'How late those are at most.'),
  duplicateShare: learningKey(share.default(0), 'Share of messages that are sent twice.'),
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
    conceptShift: knob(z.number(), 'Rotation of the target topics against the source topics, in degrees.'),
    itemsT: knob(count, 'Items of the target domain.'),
    itemsS: knob(count, 'Items of the source domain.'),
    zipf: knob(z.number().min(0), 'Exponent of the popularity of items.'),
    topicShift: knob(z.number().min(0), 'Strength of the covariate shift of exposure between the domains.'),
    targetUsers: knob(share, 'Share of the users that appear in the target domain.'),
    coldShare: knob(share, 'Share of those that appear there only late.'),
    coldFrom: knob(share, 'Where cold users start to appear in the target domain, as a share of the stream.'),
    sourceRatio: knob(positive, 'Source rows for each target row.'),
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
    drift: knob(drift, 'Concept drift of the target topics. null: none.'),
    messages: learningKey(
      messages.nullable().default(null),
      'Impressions and clicks as separate messages in order of arrival. null: labels stand in the event.',
    ),
  })
  .prefault({});

export const input = z
  .strictObject({
    kind: freeKey(z.enum(['synthetic', 'files']).default('synthetic'), 'Where events come from.'),
    synthetic,
    files: z.array(fileInput).default([]),
  })
  .refine(({ kind, files }) => kind !== 'files' || files.length > 0, {
    path: ['files'],
    message: 'must list at least one entry when input.kind is files',
  })
  .prefault({});
