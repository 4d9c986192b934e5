import { z } from 'zod';
import { freeKey, learningKey, seed, text } from './key.js';
import { drift } from './sections/drift.js';
import { batching, features, history, labels, ordering } from './sections/fold.js';
import { input } from './sections/input.js';
import { kafka } from './sections/kafka.js';
import { model, training } from './sections/model.js';
import { checkpoint, evaluation, sinks } from './sections/outputs.js';
import { publish } from './sections/publish.js';
import { control, server, telemetry } from './sections/service.js';
import { transfer } from './sections/transfer.js';

const sections = z.strictObject({
  name: freeKey(text.default('dadin'), 'Name of the run, in outputs and messages.'),
  seed: learningKey(seed.default(1), 'Seed of everything random in the learner.'),
  input,
  kafka,
  features,
  ordering,
  history,
  labels,
  batching,
  model,
  training,
  evaluation,
  drift,
  transfer,
  checkpoint,
  sinks,
  publish,
  server,
  control,
  telemetry,
});

/** Sections whose keys agree with each other. */
const agreeing = sections.refine(
  ({ transfer, publish }) => !transfer.switchOff || (publish.directory === null && publish.topic === null),
  {
    path: ['transfer', 'switchOff'],
    message: 'must be false where model versions are published: subscribers have no twin to score with',
  },
);

/** The whole configuration: the one place where keys, units, defaults and descriptions stand. */
export const configSchema = agreeing.refine(
  ({ labels, batching }) => labels.mode !== 'fakeNegativeCalibrated' || batching.replayShare === 0,
  {
    path: ['batching', 'replayShare'],
    message: 'must be 0 with labels.mode fakeNegativeCalibrated: replayed rows have final labels, its model has not',
  },
);

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** A valid configuration with all defaults filled in. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;
