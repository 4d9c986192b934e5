import { createRequire } from 'node:module';

/** The version whose source the patches were written against. */
const PATCHED_VERSION = '2.2.4';

const require = createRequire(import.meta.url);
const patched = new Set<string>();

/** Changes the class that a file of kafkajs exports, once. Another version of kafkajs is left as it is. */
export function patchKafkajs<T>(file: string, change: (prototype: T) => void): void {
  if (patched.has(file)) return;
  patched.add(file);
  if ((require('kafkajs/package.json') as { version: string }).version !== PATCHED_VERSION) return;
  change((require(`kafkajs/src/${file}`) as { prototype: T }).prototype);
}
