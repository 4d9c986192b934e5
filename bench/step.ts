/**
 * Speed of whole training steps and of scoring: every engine of the product and, where Python has torch, the same graph
 * in PyTorch, in turns, so that what else the machine does falls on all alike. Best of the rounds.
 *
 * usage, from the root of the repository, after `npm run build`: node dist/bench/step.js
 *                              [--engines fused,tfjs-node,tfjs-wasm] [--python PATH] [--batches 1,32] [--widths 16,64]
 *                              [--fills 0.4,1] [--rounds 5] [--threads 1,2] [--compile] [--out FILE.json]
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Contender, HIDDEN, HISTORY_LENGTH, type Latency, type Round, type StepCase, type Work } from './contenders.js';
import { describeMachine } from './machine.js';

const { values: given } = parseArgs({
  options: {
    engines: { type: 'string', default: 'fused,tfjs-node,tfjs-wasm' },
    python: { type: 'string', default: 'python3' },
    batches: { type: 'string', default: '1,32,256,512,2000' },
    widths: { type: 'string', default: '16,64' },
    fills: { type: 'string', default: '0.4,1' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '1' },
    compile: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const numbers = (list: string): number[] => list.split(',').map(Number);
const ENGINE = fileURLToPath(new URL('./step-engine.js', import.meta.url));
const PREDICTOR_WIDTH = 100;
const ROUND_MS = 150;
/** Until compilers have optimized and rows exist. */
const WARM_UP_MS = 1200;

interface Figure {
  readonly engine: string;
  readonly work: Work;
  readonly width: number;
  readonly batch: number;
  readonly fill: number;
  /** Best round. */
  readonly samplesPerSecond: number;
  /** Best round by processor time of all threads; above the other where the machine was busy with something else. */
  readonly samplesPerCpuSecond: number;
  /** Arithmetic of the matrix products alone, counted once for all engines. */
  readonly gflops: number;
}

async function main(): Promise<void> {
  const machine = describeMachine();
  console.log(JSON.stringify(machine));
  const engines = await started(
    given.engines.split(',').map((name): Start => [name, process.execPath, [ENGINE, name]]),
  );
  const peers = await started(torchVariants());
  const contenders = [...engines, ...peers];
  const figures: Figure[] = [];
  for (const stepCase of cases()) {
    for (const contender of contenders) await contender.prepare(stepCase);
    for (const work of ['step', 'score'] as const) {
      const measured = await inTurns(contenders, stepCase, work);
      console.table(Object.fromEntries(measured.map((f) => [label(f), columns(f)])));
      figures.push(...measured);
    }
  }
  const candidates: (Latency & { readonly engine: string })[] = [];
  for (const engine of engines) {
    for (const width of numbers(given.widths))
      candidates.push({ engine: engine.name, ...(await engine.candidates(width)) });
  }
  console.log('100 candidates of one user, table look-up included, ms a call');
  console.table(candidates);
  for (const contender of contenders) contender.close();
  if (given.out === undefined) return;
  const result = {
    machine,
    loadAfter: describeMachine().load,
    figures,
    candidates,
  };
  await writeFile(given.out, `${JSON.stringify(result, null, 2)}\n`);
}

function cases(): StepCase[] {
  return numbers(given.widths).flatMap((width) =>
    numbers(given.fills).flatMap((fill) =>
      numbers(given.batches).map((batch) => ({
        width,
        hidden: HIDDEN[width]!,
        batch,
        historyLength: HISTORY_LENGTH,
        fill,
      })),
    ),
  );
}

/** Name, command and arguments of one who is to run. */
type Start = readonly [name: string, command: string, args: readonly string[]];

function torchVariants(): Start[] {
  const script = join('bench', 'peers', 'dadin_torch.py');
  return given.threads.split(',').flatMap((threads) =>
    (given.compile ? [[], ['--compile']] : [[]]).map((flags): Start => {
      const name = ['torch', `${threads} thread(s)`, ...flags].join(' ');
      return [name, given.python, [script, '--serve', '--threads', threads, ...flags]];
    }),
  );
}

/** Those of whom an answer comes; each in a process of its own, since engines in one would share compiled code. */
async function started(starts: readonly Start[]): Promise<Contender[]> {
  const ready: Contender[] = [];
  for (const [name, command, args] of starts) {
    const contender = new Contender(name, command, args);
    const description = await contender.describe().catch(() => null);
    console.log(description === null ? `skipped: ${name} does not run here` : `${name} ${JSON.stringify(description)}`);
    if (description === null) contender.close();
    else ready.push(contender);
  }
  return ready;
}

async function inTurns(contenders: readonly Contender[], stepCase: StepCase, work: Work): Promise<Figure[]> {
  const rounds = contenders.map((): Round[] => []);
  for (const contender of contenders) await contender.round(work, WARM_UP_MS);
  for (let turn = 0; turn < Number(given.rounds); turn++) {
    for (const [i, contender] of contenders.entries()) rounds[i]!.push(await contender.round(work, ROUND_MS));
  }
  return contenders.map((contender, i) => {
    const rate = (ms: keyof Omit<Round, 'calls'>): number =>
      Math.max(...rounds[i]!.map((round) => (1000 * stepCase.batch * round.calls) / round[ms]));
    const samplesPerSecond = Math.round(rate('wallMs'));
    return {
      engine: contender.name,
      work,
      width: stepCase.width,
      batch: stepCase.batch,
      fill: stepCase.fill,
      samplesPerSecond,
      samplesPerCpuSecond: Math.round(rate('cpuMs')),
      gflops: Number(((samplesPerSecond * flopsASample(stepCase, work)) / 1e9).toFixed(2)),
    };
  });
}

/** Matrix products of a sample, attention with one product a history place; a step is three times a forward pass. */
function flopsASample({ width: d, hidden, historyLength, fill }: StepCase, work: Work): number {
  const attention = 2 * historyLength * fill * d * d + 4 * d * d;
  const interest = 12 * d * d;
  const tower = hidden.reduce((sum, units, i) => sum + units * (hidden[i - 1] ?? d), 0);
  const products = attention + interest + 2 * tower + PREDICTOR_WIDTH * (d + 1);
  return 2 * products * (work === 'step' ? 3 : 1);
}

function label({ engine, work, width, batch, fill }: Figure): string {
  return `${work} d ${width} B ${batch} fill ${fill} ${engine}`;
}

function columns({ samplesPerSecond, samplesPerCpuSecond, gflops }: Figure): Record<string, number> {
  return { 'samples/s': samplesPerSecond, 'samples/CPU s': samplesPerCpuSecond, 'GFLOP/s': gflops };
}

await main();
