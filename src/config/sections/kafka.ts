import { z } from 'zod';
import { count, freeKey, partKey, text } from '../key.js';
import { secretKey } from '../secret.js';

const address = z.string().regex(/^[^\s:/]+:\d+$|^\[[0-9a-fA-F:]+\]:\d+$/, 'must be host:port');

const tls = z
  .strictObject({
    ca: partKey(text, 'PEM file of the authorities to trust.').exactOptional(),
    cert: partKey(text, 'PEM file of our certificate, where brokers ask for one.').exactOptional(),
    key: partKey(text, 'PEM file of its key.').exactOptional(),
    serverName: partKey(text, "Name in the brokers' certificate, where it is not their host.").exactOptional(),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key go together')
  .nullable();

const username = partKey(text, 'User.');
const password = secretKey('Password.');

const sasl = z
  .union([
    z.strictObject({ mechanism: z.literal('plain'), username, password }),
    z.strictObject({ mechanism: z.literal('scram-sha-256'), username, password }),
    z.strictObject({ mechanism: z.literal('scram-sha-512'), username, password }),
    z.strictObject({
      mechanism: z.literal('oauthbearer'),
      token: secretKey('Token; a file is read again at every authentication.'),
    }),
  ])
  .nullable();

const registry = z
  .union([
    z.strictObject({
      url: partKey(z.url({ protocol: /^https?$/ }), "Of Confluent's REST API."),
      username: partKey(text, 'User, with password.').exactOptional(),
      password: secretKey('Password.').exactOptional(),
      token: secretKey('Bearer token, instead of user and password.').exactOptional(),
      timeoutMs: partKey(count.default(10_000), 'Clock time for an answer, in ms.'),
    }),
    z.strictObject({
      directory: partKey(text, 'Folder of schemas, ID.avsc each, relative to the configuration file.'),
    }),
  ])
  .nullable();

/** The cluster; which topics are read and written stands with the input and the sinks. */
export const kafka = z
  .strictObject({
    brokers: freeKey(
      z.array(address).min(1).default(['127.0.0.1:9092']),
      'Addresses of some brokers; the others are found through them.',
    ),
    clientId: freeKey(text.default('dadin-stream'), "Name in the brokers' logs and quotas."),
    tls: freeKey(
      tls.default(null),
      "TLS to the brokers: {ca, cert, key, serverName}, files relative to the configuration file, each optional. {}: with the system's authorities. null: none.",
    ),
    sasl: freeKey(
      sasl.default(null),
      'Authentication: {mechanism: plain, scram-sha-256 or scram-sha-512, username, password} or {mechanism: oauthbearer, token}; password and token are secrets. null: none.',
    ),
    registry: freeKey(
      registry.default(null),
      "Writers' schemas of topics in the Confluent wire format: {url, username, password, token, timeoutMs} of a registry with Confluent's API, password and token being secrets, or {directory} with files ID.avsc. null: none.",
    ),
    connectionTimeoutMs: freeKey(count.default(10_000), 'Clock time for connecting and authenticating, in ms.'),
    requestTimeoutMs: freeKey(count.default(30_000), 'Clock time for the answer to a request, in ms.'),
  })
  .prefault({});
