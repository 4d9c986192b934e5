import { dirname, resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { type SimulateToKafkaReport, simulateToKafka } from '../../pipelines/simulate-to-kafka.js';
import { type Config, loadConfig, parseConfig } from '../config/index.js';
import { DOMAINS } from '../core/index.js';
import { table } from '../inspection/figures.js';
import { stopOnSignals } from './stop-signal.js';

export interface SimulateToKafkaFlags {
  readonly config?: string;
  readonly set: readonly string[];
  readonly rate?: number;
  readonly json: boolean;
}

/** Where a configuration names no topics. */
const TOPICS = 'input.kafka.topics=[{topic: ads.events, domain: target}, {topic: news.events, domain: source}]';

/** `simulate --to kafka`: `synthetic` are overrides that say what is sent. */
export async function sendToKafka(flags: SimulateToKafkaFlags, synthetic: readonly string[]): Promise<void> {
  const { config, baseDirectory } = await configOf(flags, synthetic);
  const stop = stopOnSignals((signal) => process.stderr.write(`${signal}: what is under way is sent\n`));
  const bar = process.stderr.isTTY
    ? new SingleBar({ stream: process.stderr, clearOnComplete: true, hideCursor: true })
    : null;
  let isStarted = false;
  try {
    const report = await simulateToKafka({
      config,
      baseDirectory,
      eventsPerSecond: flags.rate ?? null,
      stop: stop.signal,
      notice: (message) => process.stderr.write(`${message}\n`),
      onProgress: (events, of) => {
        if (!isStarted && of !== null) bar?.start(of, 0);
        isStarted = true;
        bar?.update(events);
      },
    });
    bar?.stop();
    process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : reportText(report, config));
  } finally {
    bar?.stop();
    stop.release();
  }
}

async function configOf(
  { config: path, set }: SimulateToKafkaFlags,
  synthetic: readonly string[],
): Promise<{ config: Config; baseDirectory: string }> {
  const given = { env: process.env, overrides: [...(path === undefined ? [TOPICS] : []), ...synthetic, ...set] };
  return path === undefined
    ? { config: parseConfig('', 'defaults', given), baseDirectory: process.cwd() }
    : { config: await loadConfig(path, given), baseDirectory: dirname(resolve(path)) };
}

function reportText(
  { topics, created, events, seconds, eventsPerSecond }: SimulateToKafkaReport,
  config: Config,
): string {
  const rows = DOMAINS.map((domain) => [domain, topics[domain], String(events[domain])]);
  return [
    ...table([['', 'topic', 'events'], ...rows]),
    '',
    `${Math.round(eventsPerSecond)} events/s over ${seconds.toFixed(1)} s to ${config.kafka.brokers.join(', ')}`,
    ...(created.length === 0 ? [] : [`created: ${created.join(', ')}`]),
    '',
  ].join('\n');
}
