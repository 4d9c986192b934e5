import { readFile } from 'node:fs/promises';
import type { Config } from '../src/config/index.js';
import { readSecret } from '../src/config/index.js';
import { DadinError } from '../src/core/index.js';
import type { KafkaConnection, KafkaSasl, KafkaTls } from '../src/kafka/index.js';
import { resolvePath } from './resolve-path.js';

/** Where secrets and certificates are looked for. */
export interface SecretPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths of the configuration start from. */
  readonly baseDirectory: string;
}

/**
 * The configured cluster with its certificates and secrets read.
 *
 * @throws DadinError DADIN_CONFIG_INVALID when a variable is not set or a file cannot be read
 */
export async function kafkaConnection(
  { brokers, clientId, tls, sasl, connectionTimeoutMs, requestTimeoutMs }: Config['kafka'],
  places: SecretPlaces,
): Promise<KafkaConnection> {
  return {
    brokers,
    clientId,
    tls: tls === null ? null : await readTls(tls, places.baseDirectory),
    sasl: sasl === null ? null : await readSasl(sasl, places),
    connectionTimeoutMs,
    requestTimeoutMs,
  };
}

async function readTls(tls: NonNullable<Config['kafka']['tls']>, baseDirectory: string): Promise<KafkaTls> {
  const { serverName } = tls;
  const files = await Promise.all(
    (['ca', 'cert', 'key'] as const).map(async (name) => {
      const path = tls[name];
      return path === undefined ? [] : [[name, await readPem(name, resolvePath(path, baseDirectory))] as const];
    }),
  );
  return { ...Object.fromEntries(files.flat()), ...(serverName === undefined ? {} : { serverName }) };
}

async function readPem(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new DadinError('DADIN_CONFIG_INVALID', `cannot read kafka.tls.${name}, ${path}`, {
      step: 'configure',
      remedy: 'paths are relative to the configuration file',
      cause,
    });
  }
}

async function readSasl(sasl: NonNullable<Config['kafka']['sasl']>, places: SecretPlaces): Promise<KafkaSasl> {
  if (sasl.mechanism !== 'oauthbearer') {
    const { mechanism, username, password } = sasl;
    return { mechanism, username, password: await readSecret(password, places) };
  }
  const token = (): Promise<string> => readSecret(sasl.token, places);
  await token(); // missing at the start is a mistake; later it may be renewed
  return { mechanism: 'oauthbearer', token };
}
