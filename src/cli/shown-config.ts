import type { Config } from '../config/index.js';

/** User and password of a URL. */
const CREDENTIALS = /(\w+:\/\/)[^/@\s]*@/g;
const MASK = '***';

/** The configuration for everybody's eyes: secrets stand in it as references only; these, and credentials in URLs, are masked. */
export function shownConfig(config: Config): unknown {
  return JSON.parse(
    JSON.stringify(config, (_, value: unknown) => {
      if (isSecret(value)) return MASK;
      return typeof value === 'string' ? value.replaceAll(CREDENTIALS, `$1${MASK}@`) : value;
    }),
  );
}

/** `{ env: NAME }` or `{ file: PATH }`, as `secretKey` has it. */
function isSecret(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'env' || keys[0] === 'file');
}
