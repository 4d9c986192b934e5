import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DOMAINS } from '../src/core/index.js';
import { createKafka } from '../src/kafka/index.js';
import { describeMachine } from './machine.js';

// Live load for a long time, on the command line as users run it: first the learner's rate over a backlog, then 80 % of it
// for so many minutes. Prints JSON: lag, loop delay, memory, rebalances. Wants a broker (npm run kafka).
//   node dist/bench/kafka-soak.js [MINUTES, 30] [BROKER, 127.0.0.1:9092]

const [minutes = '30', broker = '127.0.0.1:9092'] = process.argv.slice(2);
const COMMAND = fileURLToPath(new URL('../../bin/dadin-stream.js', import.meta.url));
const PORT = 9466;
const BACKLOG_EVENTS = 30_000;
const SHARE = 0.8;
const READ_EVERY_MS = 5_000;
const MEBIBYTE = 2 ** 20;

interface Reading {
  readonly seconds: number;
  readonly lagRecords: number;
  readonly loopDelayP99Ms: number;
  readonly residentMiB: number;
  readonly heapMiB: number;
  readonly buffersMiB: number;
}

const id = `soak-${process.pid}`;
const directory = await mkdtemp(join(tmpdir(), `dadin-${id}-`));
const kafka = createKafka(
  { brokers: [broker], clientId: id, tls: null, sasl: null, connectionTimeoutMs: 5_000, requestTimeoutMs: 30_000 },
  () => {},
);
const admin = kafka.admin();
const topics: string[] = [];

async function configFile(phase: string): Promise<string> {
  const names = DOMAINS.map((domain) => ({ topic: `${id}-${phase}-${domain}`, domain, format: 'avro' }));
  topics.push(...names.map(({ topic }) => topic));
  await admin.createTopics({
    topics: names.map(({ topic }) => ({
      topic,
      numPartitions: 3,
      configEntries: [{ name: 'retention.ms', value: '-1' }], // synthetic time lies in the past
    })),
  });
  const path = join(directory, `${phase}.yaml`);
  const config = {
    name: `${id}-${phase}`,
    kafka: { brokers: [broker] },
    input: { kind: 'kafka', kafka: { topics: names, groupId: `${id}-${phase}` } },
    features: { shared: ['topic'] },
    ordering: { outOfOrdernessMs: 1000 },
    checkpoint: { directory: join(directory, phase) },
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

function command(args: readonly string[]): { readonly child: ChildProcess; readonly done: Promise<string> } {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  const done = once(child, 'close').then(([status]) => {
    if (status !== 0) throw new Error(`${args[0]} ended with ${status}:\n${stderr}`);
    return stdout;
  });
  done.catch(() => {}); // awaited later
  return { child, done };
}

/** Events a second that the learner takes where they are there already. */
async function learnersRate(): Promise<number> {
  const config = await configFile('backlog');
  await command(['simulate', '--to', 'kafka', '--config', config, '--events', String(BACKLOG_EVENTS)]).done;
  const summary = await command(['run', '--config', config, '--json', '--set', 'input.kafka.stop=end']).done;
  return (JSON.parse(summary) as { eventsPerSecond: number }).eventsPerSecond;
}

async function read(startedMs: number): Promise<Reading> {
  const text = await (await fetch(`http://127.0.0.1:${PORT}/metrics`)).text();
  const values = (name: string): number[] =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value));
  const memory = (component: string): number =>
    Number(new RegExp(`^dadin_memory\\{component="${component}"\\} (\\S+)$`, 'm').exec(text)?.[1]) / MEBIBYTE;
  return {
    seconds: (performance.now() - startedMs) / 1000,
    lagRecords: values('dadin_source_lag').reduce((sum, lag) => sum + lag, 0),
    loopDelayP99Ms: (values('dadin_event_loop_delay')[0] ?? 0) * 1000,
    residentMiB: memory('resident'),
    heapMiB: memory('heap'),
    buffersMiB: memory('buffers'),
  };
}

async function soak(perSecond: number) {
  const config = await configFile('live');
  const learner = command(['run', '--config', config, '--port', String(PORT), '--log-format', 'json', '--json']);
  const isReady = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${PORT}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) await Promise.race([sleep(200), learner.done]);
  const member = async (): Promise<string | undefined> =>
    (await admin.describeGroups([`${id}-live`])).groups[0]?.members[0]?.memberId;
  const events = Math.round(perSecond * 60 * Number(minutes));
  const before = await member();
  const generator = command([
    ...['simulate', '--to', 'kafka', '--config', config],
    ...['--events', String(events), '--rate', String(Math.round(perSecond))],
  ]);
  const startedMs = performance.now();
  const readings: Reading[] = [];
  let isOver = false;
  void generator.done.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await Promise.race([sleep(READ_EVERY_MS), generator.done]);
    readings.push(await read(startedMs));
  }
  await generator.done;
  const after = await member();
  const stopMs = performance.now();
  learner.child.kill('SIGTERM');
  const summary = JSON.parse(await learner.done) as { readonly events: number };
  return {
    perSecond: Math.round(perSecond),
    written: events,
    // less what the watermark still held back when it was told to stop: the next run reads it
    learned: summary.events,
    sameMemberThroughout: before !== undefined && before === after,
    lagRecords: spread(readings.map(({ lagRecords }) => lagRecords)),
    loopDelayP99Ms: spread(readings.map(({ loopDelayP99Ms }) => loopDelayP99Ms)),
    residentMiB: spread(readings.map(({ residentMiB }) => residentMiB)),
    heapMiB: spread(readings.map(({ heapMiB }) => heapMiB)),
    buffersMiB: spread(readings.map(({ buffersMiB }) => buffersMiB)),
    // over the second half: tables and histories fill up before
    residentMiBPerMinute: slopePerMinute(readings.slice(readings.length >> 1)),
    sigtermToExitSeconds: (performance.now() - stopMs) / 1000,
  };
}

function spread(values: readonly number[]): { readonly p50: number; readonly p99: number; readonly last: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number): number => Math.round(sorted[Math.floor(q * (sorted.length - 1))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), last: Math.round(values.at(-1) ?? 0) };
}

/** Least squares over the readings. */
function slopePerMinute(readings: readonly Reading[]): number {
  const mean = (of: (reading: Reading) => number): number =>
    readings.reduce((sum, reading) => sum + of(reading), 0) / readings.length;
  const meanX = mean(({ seconds }) => seconds);
  const meanY = mean(({ residentMiB }) => residentMiB);
  const covariance = mean(({ seconds, residentMiB }) => (seconds - meanX) * (residentMiB - meanY));
  const variance = mean(({ seconds }) => (seconds - meanX) ** 2);
  return Number(((60 * covariance) / variance).toFixed(2));
}

await admin.connect();
try {
  const rate = await learnersRate();
  const soaked = await soak(SHARE * rate);
  console.log(JSON.stringify({ machine: describeMachine(), learnersRate: Math.round(rate), ...soaked }, null, 2));
} finally {
  await admin.deleteTopics({ topics });
  await admin.disconnect();
  await rm(directory, { recursive: true, force: true });
}
