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
