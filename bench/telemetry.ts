import { spawn } from 'node:child_process';
import { replay } from '../pipelines/replay.js';
import { RunMonitor } from '../pipelines/run-monitor.js';
import { parseConfig } from '../src/config/index.js';
import { OPERATION_CHARTS, qualityCharts } from '../src/report/index.js';
import { LiveFeed, RunServer } from '../src/server/index.js';
import { Telemetry } from '../src/telemetry/telemetry.js';
import { describeMachine } from './machine.js';

// What watching a run costs: the same replay bare, and with readings, metrics, spans, a page that follows the feed and a
// scrape a second, both by another process. In turns within one process; the ratio of their processor times counts, since
// other work moves wall times by far more than telemetry does. What it takes to start serving is not counted.
//   node dist/bench/telemetry.js [EVENTS] [ROUNDS] [KEY=VALUE...]

const [events = '40000', rounds = '5', ...overrides] = process.argv.slice(2);
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
  const first = round % 2 === 0 ? await bare() : await watched();
  const second = round % 2 === 0 ? await watched() : await bare();
  const [plain, seen] = round % 2 === 0 ? [first, second] : [second, first];
  if (plain.digest !== seen.digest) throw new Error('a watched run learned something else');
  ratios.push(seen.processorSeconds / plain.processorSeconds);
  shares.push((seen.processorSeconds - plain.processorSeconds) / (Number(events) / seen.eventsPerSecond));
  console.error(
    `bare ${plain.processorSeconds.toFixed(2)} s of processor, ${Math.round(plain.eventsPerSecond)} events/s; watched ${seen.processorSeconds.toFixed(2)} s, ${Math.round(seen.eventsPerSecond)} events/s: ${ratios.at(-1)!.toFixed(4)}`,
  );
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
console.log(
  JSON.stringify({
    bench: 'telemetry',
    events: Number(events),
    processorTimeRatio: median(ratios),
    processorShare: median(shares),
    ratios,
    machine: describeMachine(),
  }),
);
