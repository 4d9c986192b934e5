import { spawn } from 'node:child_process';
import { replay } from '../pipelines/replay.js';
import { RunMonitor } from '../pipelines/run-monitor.js';
import { parseConfig } from '../src/config/index.js';
import { OPERATION_CHARTS, qualityCharts } from '../src/report/index.js';
import { LiveFeed, RunServer } from '../src/server/index.js';
import { Telemetry } from '../src/telemetry/telemetry.js';
import { describeMachine } from './machine.js';

// What watching a run costs: the same replay bare, and with readings, metrics, spans, a page that follows the feed and a
// scrape a second, both by another process. The ratio of their processor times counts, since other work moves wall times
// by far more than telemetry does. A round is bare, watched, watched, bare in one process, so that a machine that grows
// slower or faster meanwhile cancels out; of the rounds' ratios the median counts, with its exact 95 % interval. What it
// takes to start serving is not counted.
//   node dist/bench/telemetry.js [EVENTS] [ROUNDS] [KEY=VALUE...]

const [events = '20000', rounds = '12', ...overrides] = process.argv.slice(2);
const config = parseConfig('', 'bench', {
  overrides: ['features.shared=[topic]', `input.synthetic.events=${events}`, 'model.preset=paper', ...overrides],
});
const QUIET = { started() {}, turn() {}, notice() {} };

/** Follows the feed and scrapes the metrics. */
const READER = `
  setInterval(() => fetch(process.argv[1] + 'metrics').then((answer) => answer.text()), 1000);
  for await (const _ of (await fetch(process.argv[1] + 'events')).body);
`;

interface Figures {
  readonly processorSeconds: number;
  readonly eventsPerSecond: number;
  readonly digest: string;
}

async function measured(run: () => Promise<Omit<Figures, 'processorSeconds'>>): Promise<Figures> {
  const before = process.cpuUsage();
  const { eventsPerSecond, digest } = await run();
  const { user, system } = process.cpuUsage(before);
  return { processorSeconds: (user + system) / 1e6, eventsPerSecond, digest };
}

async function bare(): Promise<Figures> {
  const stop = new AbortController().signal;
  return await measured(() => replay(config, { baseDirectory: '.', resume: 'never', stop, observer: QUIET }));
}

async function watched(): Promise<Figures> {
  const telemetry = new Telemetry({
    serviceName: 'bench',
    otlpEndpoint: null,
    traceShare: 0.01,
    complain: console.error,
  });
  const monitor = new RunMonitor();
  telemetry.observe(() => monitor.latest());
  const feed = new LiveFeed({
    title: 'bench',
    charts: [...qualityCharts(null, true), ...OPERATION_CHARTS],
    ceiling: null,
    examples: () => [],
  });
  monitor.listen(feed);
  const server = await RunServer.listen(
    {
      feed,
      waitingFor: () => null,
      metrics: () => telemetry.prometheus(),
      config: {},
      versions: async () => ({ checkpoints: [], models: [] }),
      checkpoint: null,
      control: { held: () => null, request: async () => null },
      stop() {},
    },
    { host: '127.0.0.1', port: 0, token: null },
  );
  const reader = spawn(process.execPath, ['--input-type=module', '-e', READER, server.url], { stdio: 'inherit' });
  const stop = new AbortController().signal;
  const figures = await measured(() =>
    replay(config, { baseDirectory: '.', resume: 'never', stop, observer: monitor }),
  );
  reader.kill();
  monitor.close('the end');
  await server.close();
  await telemetry.shutdown();
  return figures;
}

await bare(); // compiles
await watched();
const ratios: number[] = [];
/** Processor seconds that watching took a second of the run: its cost where nothing else holds the run up. */
const shares: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const [before, ...seen] = [await bare(), await watched(), await watched()];
  const plain = [before, await bare()];
  if (new Set([...plain, ...seen].map(({ digest }) => digest)).size > 1)
    throw new Error('a watched run learned something else');
  const [processorBare, processorSeen] = [sum(plain, 'processorSeconds'), sum(seen, 'processorSeconds')];
  const seconds = seen.reduce((total, { eventsPerSecond }) => total + Number(events) / eventsPerSecond, 0);
  ratios.push(processorSeen / processorBare);
  shares.push((processorSeen - processorBare) / seconds);
  console.error(
    `bare ${processorBare.toFixed(2)} s of processor, watched ${processorSeen.toFixed(2)} s: ${ratios.at(-1)!.toFixed(4)}`,
  );
}
console.log(
  JSON.stringify({
    bench: 'telemetry',
    events: Number(events),
    processorTimeRatio: medianWithInterval(ratios),
    processorShare: medianWithInterval(shares),
    ratios,
    machine: describeMachine(),
  }),
);

function sum(figures: readonly Figures[], key: 'processorSeconds'): number {
  return figures.reduce((total, figure) => total + figure[key], 0);
}

/** The interval is that of order statistics: the median lies outside with a chance of at most 5 %, whatever the noise. */
function medianWithInterval(values: readonly number[]): { median: number; low: number | null; high: number | null } {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const median = (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
  let probability = 0.5 ** n; // of no value below the median
  let tail = probability;
  let outside = 0;
  while (tail <= 0.025) {
    outside++;
    probability *= (n - outside + 1) / outside;
    tail += probability;
  }
  if (outside === 0) return { median, low: null, high: null }; // too few rounds
  return { median, low: sorted[outside - 1]!, high: sorted[n - outside]! };
}
