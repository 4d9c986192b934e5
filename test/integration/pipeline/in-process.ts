import type { SettledTurn } from '../../../pipelines/learn.js';
import { type ReplaySummary, replay } from '../../../pipelines/replay.js';
import { parseConfig } from '../../../src/config/index.js';

const SMALL = ['model.preset=paper', 'model.width=8', 'model.hidden=[16,8]', 'batching.size=32'];

/** A replay in this process, with a small model; `config` as it would stand in a file. */
export async function replayInProcess(
  config: object,
  overrides: readonly string[],
  baseDirectory = '.',
  turn: (settled: SettledTurn) => void = () => {},
  journal?: string,
  notice: (message: string) => void = (message) => {
    throw new Error(message);
  },
): Promise<ReplaySummary> {
  const parsed = parseConfig(JSON.stringify(config), 'test', { env: {}, overrides: [...SMALL, ...overrides] });
  return await replay(parsed, {
    baseDirectory,
    resume: 'never',
    ...(journal === undefined ? {} : { journal }),
    stop: new AbortController().signal,
    observer: {
      started() {},
      turn,
      notice,
    },
  });
}
