import type { RunObserver } from '../../pipelines/learning-run.js';
import type { Config } from '../config/index.js';
import { JsonProgress } from './json-progress.js';
import { ReplayProgress } from './replay-progress.js';

/** Progress and notices on stderr, for people or for a collector of logs. */
export function runProgress(config: Config, format: 'text' | 'json'): RunObserver & { close(): void } {
  return format === 'json' ? new JsonProgress(config) : new ReplayProgress(config, process.stderr);
}
