import type { RunObserver, RunSummary } from '../../../pipelines/learning-run.js';
import { run } from '../../../pipelines/run.js';
import { parseConfig } from '../../../src/config/index.js';

const SMALL = ['model.preset=paper', 'model.width=8', 'model.hidden=[16,8]', 'batching.size=16'];

export interface LiveRun {
  readonly finished: Promise<RunSummary | null>;
  readonly notices: readonly string[];
  /** As SIGTERM does. */
  stop(): void;
}

/** A live run in this process, with a small model; `config` as it would stand in a file. */
export function runInProcess(
  config: object,
  checkpoints: string,
  overrides: readonly string[] = [],
  options: { readonly from?: string; readonly observer?: Partial<RunObserver> } = {},
): LiveRun {
  const parsed = parseConfig(JSON.stringify(config), 'test', {
    env: {},
    overrides: [...SMALL, `checkpoint.directory=${JSON.stringify(checkpoints)}`, ...overrides],
  });
  const stop = new AbortController();
  const notices: string[] = [];
  const finished = run(parsed, {
    baseDirectory: '.',
    ...(options.from === undefined ? {} : { from: options.from }),
    stop: stop.signal,
    observer: { started() {}, turn() {}, notice: (message) => notices.push(message), ...options.observer },
  });
  finished.catch(() => {}); // awaited later
  return { finished, notices, stop: () => stop.abort() };
}
