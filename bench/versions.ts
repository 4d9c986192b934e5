/**
 * Model versions: bytes of a delta against a full one, time to take a delta in, and scoring latency over HTTP.
 *
 *   npm run build && node dist/bench/versions.js [rows=1000000]
 */
import { loadavg } from 'node:os';
import { engineOptions } from '../pipelines/assembly.js';
import { type LoadedVersion, Scorer } from '../src/client/index.js';
import { parseConfig } from '../src/config/index.js';
import { SeededRandom, type ServingPart } from '../src/core/index.js';
import { EmbeddingTable } from '../src/parameters/index.js';
import { scoringServer } from '../src/server/index.js';
import { decodeServing, encodeServing, encodeVersion, shapesOf } from '../src/versions/index.js';
import { dadinModel } from '../src/zoo/index.js';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const APPLIED_ROWS = 100_000;
const REQUESTS = 1000;
const REQUESTS_A_SECOND = 200;

const config = parseConfig('', 'bench', {
  env: {},
  overrides: ['model.preset=paper', 'model.width=16', 'model.hidden=[64,32,16]', 'model.linear=false'],
});
const engine = engineOptions(config);
const { layout, discriminatorsFrom } = dadinModel(engine.model);
const flat = new Float32Array(layout.length).map((_, i) => Math.sin(i) / 10);
const dense = layout.tensors(flat).filter(({ data }) => data.byteOffset < 4 * discriminatorsFrom);
const table = new EmbeddingTable({ ...engine.table, width: engine.model.width, seed: 1 });
const random = new SeededRandom(1, 'bench');

/** One step on `count` rows in a place of their own, at an event time of its own. */
function touch(count: number, first: number, timeMs: number): void {
  table.sweep(timeMs);
  const rows = Int32Array.from({ length: count }, (_, i) => table.admit(1 + ((first + i * 7) % ROWS), timeMs));
  table.apply(rows, new Float32Array(count * engine.model.width).fill(0.1), 0.01, timeMs);
}

let loaded: LoadedVersion | null = null;
function version(part: ServingPart, model: Buffer): LoadedVersion {
  const { number, digest, manifest } = encodeVersion(
    {
      kind: part.wholeBecause === null ? 'delta' : 'full',
      number: (loaded?.number ?? 0) + 1,
      parent: loaded === null ? null : { number: loaded.number, digest: loaded.digest },
      wholeBecause: part.wholeBecause,
      lineage: 'bench',
      rows: 'float32',
      tables: shapesOf(part.tables),
      name: 'bench',
      step: 0,
      events: 0,
      eventTimeMs: 0,
      configDigest: '',
      backend: 'fused',
      backendSettings: {},
      metrics: {},
      scorer: {
        model: engine.model,
        baseline: null,
        history: { length: 20, sourceClicks: true },
        sharedFeatures: [],
        statistics: null,
        linear: null,
        trainedSpace: { mode: 'wait', negativeRate: 1 },
      },
    },
    model,
  );
  return { number, digest, manifest };
}

function timed<T>(work: () => T): { ms: number; value: T } {
  const startMs = performance.now();
  const value = work();
  return { ms: performance.now() - startMs, value };
}

const scorer = await Scorer.create();
function publish() {
  const made = timed(() => {
    const part = { ...table.serving(null), tensors: dense };
    return { part, model: encodeServing(part) };
  });
  const { part, model } = made.value;
  const next = version(part, model);
  const decoded = timed(() => decodeServing(model, next.manifest));
  const cpu = process.cpuUsage();
  const applied = timed(() => scorer.load(next, decoded.value));
  const applyCpuMs = process.cpuUsage(cpu).user / 1000;
  table.published();
  loaded = next;
  return { bytes: model.length, makeMs: made.ms, decodeMs: decoded.ms, applyMs: applied.ms, applyCpuMs };
}

function percentiles(ms: number[]) {
  const sorted = ms.sort((a, b) => a - b);
  const at = (share: number) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(2));
  return { p50: at(0.5), p99: at(0.99) };
}

touch(ROWS, 0, 1);
table.sweep(2); // event time has moved on since the rows were touched
const full = publish();
touch(Math.round(ROWS / 100), 11, 3);
table.sweep(4);
const onePercent = publish();
const applied: number[] = [];
const appliedCpu: number[] = [];
for (let k = 0; k < 15; k++) {
  touch(APPLIED_ROWS, 1000 * k, 5 + 2 * k);
  table.sweep(6 + 2 * k);
  const { applyMs, applyCpuMs } = publish();
  applied.push(applyMs);
  appliedCpu.push(applyCpuMs);
}

const item = () => ({ id: `i${random.below(100_000)}`, features: { topic: `t${random.below(50)}` } });
const items = (count: number) => Array.from({ length: count }, item);
const request = () => ({
  user: { id: `u${random.below(100_000)}`, features: { age: '3' } },
  candidates: items(100),
  histories: { target: items(20), source: items(20) },
});
const alone: number[] = [];
for (let k = 0; k < REQUESTS; k++) {
  const one = request();
  alone.push(timed(() => scorer.score(one)).ms);
}

const server = scoringServer({ scorer, waitsFor: () => '', metrics: async () => '' });
const address = await server.listen({ host: '127.0.0.1', port: 0 });
const overHttp: number[] = [];
const httpCpu = process.cpuUsage();
await Promise.all(
  Array.from({ length: REQUESTS }, async (_, k) => {
    const body = JSON.stringify(request());
    await new Promise((resolve) => setTimeout(resolve, (k * 1000) / REQUESTS_A_SECOND));
    const startMs = performance.now();
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${address}/v1/score`, { method: 'POST', headers, body });
    await answer.json();
    overHttp.push(performance.now() - startMs);
  }),
);
const { user, system } = process.cpuUsage(httpCpu);
await server.close();

const rounded = (ms: number) => Number(ms.toFixed(1));
process.stdout.write(
  `${JSON.stringify({
    rows: ROWS,
    width: engine.model.width,
    loadAverage: loadavg()[0],
    fullBytes: full.bytes,
    fullMs: { make: rounded(full.makeMs), decode: rounded(full.decodeMs), apply: rounded(full.applyMs) },
    deltaShareAtOnePercent: Number((onePercent.bytes / full.bytes).toFixed(4)),
    deltaMs: { make: rounded(onePercent.makeMs), apply: rounded(onePercent.applyMs) },
    applyMsOf100000Rows: percentiles(applied),
    applyCpuMsOf100000Rows: percentiles(appliedCpu),
    score100CandidatesMs: percentiles(alone.slice(100)),
    httpMsAt200ASecond: percentiles(overHttp.slice(100)),
    /** Service and client together. */
    httpCpuMsARequest: rounded((user + system) / 1000 / REQUESTS),
  })}\n`,
);
