import type { SchemaRegistry } from '../src/codec/index.js';
import { type Config, readSecret } from '../src/config/index.js';
import { DadinError } from '../src/core/index.js';
import { DirectoryRegistry, HttpRegistry } from '../src/registry/index.js';
import type { SecretPlaces } from './kafka-connection.js';
import { resolvePath } from './resolve-path.js';

type RegistryConfig = Config['kafka']['registry'];
type HttpAccess = Extract<RegistryConfig, { readonly url: string }>;

/** Where schemas are looked up. @throws DadinError DADIN_CONFIG_INVALID where none is configured, or a secret is missing */
export async function schemaRegistry(registry: RegistryConfig, places: SecretPlaces): Promise<SchemaRegistry> {
  if (registry === null) throw noRegistry('which an input topic in the Confluent wire format needs');
  return 'directory' in registry
    ? new DirectoryRegistry(resolvePath(registry.directory, places.baseDirectory))
    : await httpRegistry(registry, places);
}

/** The same, where schemas are to be registered. */
export async function writableRegistry(registry: RegistryConfig, places: SecretPlaces): Promise<HttpRegistry> {
  if (registry === null || 'directory' in registry) throw noRegistry('with a url, to register the schema of events');
  return await httpRegistry(registry, places);
}

async function httpRegistry(access: HttpAccess, places: SecretPlaces): Promise<HttpRegistry> {
  const { url, timeoutMs } = access;
  return new HttpRegistry({ url, timeoutMs, authorization: await authorization(access, places) });
}

async function authorization({ username, password, token }: HttpAccess, places: SecretPlaces): Promise<string | null> {
  if (token !== undefined) return `Bearer ${await readSecret(token, places)}`;
  if (username === undefined || password === undefined) return null;
  const credentials = `${username}:${await readSecret(password, places)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function noRegistry(what: string): DadinError {
  return new DadinError('DADIN_CONFIG_INVALID', `kafka.registry is not set, ${what}`, {
    step: 'configure',
    remedy: 'see kafka.registry in docs/configuration.md',
  });
}
