import { OPERATION_CHARTS, qualityCharts } from '../src/report/index.js';
import { LiveFeed, RunServer } from '../src/server/index.js';
import type { ServedRun } from '../src/server/run-server.js';

export interface TestServer {
  readonly feed: LiveFeed;
  readonly server: RunServer;
  readonly url: string;
}

/** A server of its own feed on a free port of this machine, or on the one given. */
export async function serveRun(
  changes: Partial<ServedRun> = {},
  { port = 0, token = null }: { readonly port?: number; readonly token?: string | null } = {},
): Promise<TestServer> {
  const ceiling = { target: 0.9, source: null };
  const feed = new LiveFeed({
    title: 'a run',
    charts: [...qualityCharts(ceiling, true), ...OPERATION_CHARTS],
    ceiling,
    examples: () => [{ partition: 'ads/0', position: '7', code: 'DADIN_RECORD_LATE', reason: '<b>too late</b>' }],
  });
  const run: ServedRun = {
    feed,
    waitingFor: () => null,
    metrics: async () => 'dadin_ready 1\n',
    config: { name: 'a run' },
    versions: async () => ({
      checkpoints: [
        { name: 'checkpoint 1', parent: null, step: 10, eventTimeMs: 0, aucTarget: 0.7, aucSource: null, note: null },
        { name: 'checkpoint 2', parent: '1', step: 20, eventTimeMs: 9, aucTarget: 0.8, aucSource: 0.6, note: null },
      ],
      models: [],
    }),
    checkpoint: null,
    control: { held: () => null, request: async (request) => request },
    stop: () => {},
    ...changes,
  };
  const server = await RunServer.listen(run, { host: '127.0.0.1', port, token });
  return { feed, server, url: server.url };
}
