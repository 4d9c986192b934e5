import { stringify } from 'yaml';
import type { Config } from './config.js';

/** The whole configuration as YAML that reads back the same; secrets stand in it only as references. */
export function printConfig(config: Config): string {
  return stringify(config, { lineWidth: 0 });
}
