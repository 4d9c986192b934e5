import { bayesCeiling } from '../../pipelines/bayes-ceiling.js';
import type { ControlAnswer } from '../../pipelines/control.js';
import { keptVersions } from '../../pipelines/kept-versions.js';
import type { RunObserver } from '../../pipelines/learning-run.js';
import { Observers } from '../../pipelines/observers.js';
import { RunMonitor } from '../../pipelines/run-monitor.js';
import type { Config } from '../config/index.js';
import { readSecret } from '../config/secret.js';
import { type ControlRequest, controlRefused } from '../core/index.js';
import { OPERATION_CHARTS, qualityCharts } from '../report/index.js';
import { RunRecord } from './run-record.js';
import { shownConfig } from './shown-config.js';

export interface ObservedRun {
  readonly observer: RunObserver;
  /** How the run fared, for the report. */
  readonly record: RunRecord;
  /** Address of the live page; null where none is served. */
  readonly url: string | null;
  /** No more readings; the page keeps what it has and says why. */
  ended(reason: string): void;
  close(): Promise<void>;
}

/**
 * Everything that watches a run besides its progress on the terminal: readings, their metrics and traces, the live page.
 * Serving and exporting are loaded only where they are configured.
 */
export async function observeRun(
  config: Config,
  baseDirectory: string,
  progress: RunObserver,
  stop: () => void,
): Promise<ObservedRun> {
  const { server, telemetry: sent } = config;
  const telemetry =
    server.port === null && sent.otlpEndpoint === null
      ? null
      : new (await import('../telemetry/telemetry.js')).Telemetry({
          ...sent,
          serviceName: config.name,
          complain: (message) => progress.notice(message),
        });
  const monitor = new RunMonitor();
  telemetry?.observe(() => monitor.latest());
  const record = new RunRecord();
  monitor.listen(record);
  let page: Awaited<ReturnType<typeof servePage>> | null = null;
  const close = async (): Promise<void> => {
    monitor.close('nothing: the process has ended');
    await page?.close();
    await telemetry?.shutdown();
  };
  try {
    if (server.port !== null) page = await servePage(config, baseDirectory, monitor, telemetry!, stop);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    observer: new Observers([progress, monitor]),
    record,
    url: page?.url ?? null,
    ended: (reason) => monitor.close(reason),
    close,
  };
}

/** Who asks while an answer is under way gets the same one. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null;
  return () => {
    underWay ??= ask().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}

async function servePage(
  config: Config,
  baseDirectory: string,
  monitor: RunMonitor,
  telemetry: { prometheus(): Promise<string> },
  stop: () => void,
) {
  const { LiveFeed, RunServer } = await import('../server/index.js');
  const { host, port, token } = config.server;
  const races = config.model.adversary.mode === 'auto';
  const ceiling = bayesCeiling(config);
  const feed = new LiveFeed({
    title: config.name,
    charts: [...qualityCharts(ceiling, races), ...OPERATION_CHARTS],
    ceiling,
    examples: () => monitor.deadLetterExamples,
  });
  monitor.listen(feed);
  return await RunServer.listen(
    {
      feed,
      waitingFor: () => monitor.latest().waitingFor,
      metrics: () => telemetry.prometheus(),
      config: shownConfig(config),
      versions: shared(() => keptVersions(config, { baseDirectory, notice: (message) => monitor.notice(message) })),
      checkpoint: config.checkpoint.directory === null ? null : () => monitor.requestCheckpoint(),
      control: { held: () => monitor.control?.held ?? null, request: (request) => controlled(monitor, request) },
      stop,
    },
    {
      host,
      port: port!,
      token: token === null ? null : await readSecret(token, { env: process.env, baseDirectory }),
    },
  );
}

async function controlled(monitor: RunMonitor, request: ControlRequest): Promise<ControlAnswer> {
  if (monitor.control === null) throw controlRefused('this process does not learn now', 'the one that does');
  return await monitor.control.request(request);
}
