import { z } from 'zod';
import { freeKey, share, text } from '../key.js';
import { optionalSecretKey } from '../secret.js';

/** What a run shows of itself while it goes on; none of it changes what is learned. */

export const server = z
  .strictObject({
    host: freeKey(text.default('127.0.0.1'), 'Address to listen on; the default is reached from this machine only.'),
    port: freeKey(
      z.int().min(0).max(65_535).nullable().default(null),
      'Port of the live page and the endpoints; 0: any free one. null: nothing listens.',
    ),
    token: optionalSecretKey(
      'Bearer token of the endpoints that change something (checkpoint, stop). null: there are none.',
    ),
  })
  .prefault({});

/** Commands of operators to a live run; they take effect through its journal. */
export const control = z
  .strictObject({
    topic: freeKey(
      text.nullable().default(null),
      'Topic of one partition, in the cluster of `kafka`, whose messages are commands to the learner. null: none.',
    ),
    token: optionalSecretKey(
      'What every message of control.topic must carry as `token`. Who reads the topic learns it, so it is not server.token.',
    ),
  })
  .refine(({ topic, token }) => topic === null || token !== null, {
    path: ['token'],
    message: 'is what tells commands from what anybody may write to control.topic: name one',
  })
  .prefault({});

export const telemetry = z
  .strictObject({
    otlpEndpoint: freeKey(
      z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null),
      'Base URL of an OTLP receiver (HTTP, protobuf), as http://localhost:4318, that gets metrics and traces. null: none.',
    ),
    traceShare: freeKey(share.default(0.01), 'Share of the batches that are traced, where there is an OTLP receiver.'),
  })
  .prefault({});
