/**
 * Speed of whole training steps and of scoring at the sizes of the presets: every engine of the product on one thread and
 * on two and, where Python has torch, the same graph in PyTorch, eager and compiled, on one thread and on two, in turns,
 * so that what else the machine does falls on all alike. Best of the rounds; some eight minutes.
 *
 * usage, from the root of the repository, after `npm run build`: node dist/bench/step.js [--python PATH]
 *          [--engines "fused,fused 2,tfjs-node,tfjs-node 2,tfjs-wasm"] [--widths 16,64] [--rounds 4] [--out FILE.json]
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Contender, type Latency, type Round, type StepCase, type Work } from './contenders.js';
import { describeMachine } from './machine.js';
import { type Figure, PEER, type Ratio, ratioOf, stepCases } from './step-cases.js';

const { values: given } = parseArgs({
  options: {
    engines: { type: 'string', default: 'fused,fused 2,tfjs-node,tfjs-node 2,tfjs-wasm' },
    python: { type: 'string', default: 'python3' },
    widths: { type: 'string', default: '16,64' },
    rounds: { type: 'string', default: '4' },
    out: { type: 'string' },
  },
});
const WIDTHS = given.widths.split(',').map(Number);
const ENGINE = fileURLToPath(new URL('./step-engine.js', import.meta.url));
const PREDICTOR_WIDTH = 100;
const ROUND_MS = 150;
/** Until compilers have optimized and rows exist. */
const WARM_UP_MS = 600;
/** Those that take long to start or are far behind run at this batch only. */
const RARE_BATCH = 512;

async function main(): Promise<void> {
  const machine = describeMachine();
  console.log(JSON.stringify(machine));
  const engines = await started(
    given.engines.split(',').map((name): Start => [name, process.execPath, [ENGINE, ...name.split(' ')]]),
  );
  const peers = await started(torchVariants());
  const contenders = [...engines, ...peers].map(({ contender }) => contender);
  const figures: Figure[] = [];
  const ratios: Ratio[] = [];
  for (const stepCase of stepCases(WIDTHS)) {
    const running = contenders.filter(({ name }) => runs(name, stepCase));
    for (const contender of running) await contender.prepare(stepCase);
    for (const work of ['step', 'score'] as const) {
      const measured = await inTurns(running, stepCase, work);
      console.table(Object.fromEntries(measured.map((f) => [label(f), columns(f)])));
      figures.push(...measured);
      const ratio = ratioOf(measured);
      if (ratio !== null) ratios.push(ratio);
    }
  }
  console.log('the best engine over the best PyTorch');
  console.table(ratios);
  const candidates: (Latency & { readonly engine: string })[] = [];
  for (const { contender } of engines) {
    if (contender.name === 'tfjs-wasm') continue;
    for (const width of WIDTHS) candidates.push({ engine: contender.name, ...(await contender.candidates(width)) });
  }
  console.log('100 candidates of one user, table look-up included, ms a call');
  console.table(candidates);
  for (const contender of contenders) contender.close();
  if (given.out === undefined) return;
  const descriptions = Object.fromEntries(
    [...engines, ...peers].map(({ contender, description }) => [contender.name, description]),
  );
  const result = { machine, loadAfter: describeMachine().load, descriptions, ratios, figures, candidates };
  await writeFile(given.out, `${JSON.stringify(result, null, 2)}\n`);
}

function runs(name: string, { width, batch }: StepCase): boolean {
  return (width === 64 && batch === RARE_BATCH) || !(name.endsWith('compiled') || name === 'tfjs-wasm');
}

/** Large blocks are kept instead of given back: 15 to 20 % for PyTorch at large batches. The product runs as users run it. */
const MALLOC = ['MALLOC_MMAP_THRESHOLD_=4294967295', 'MALLOC_TRIM_THRESHOLD_=4294967295'];

/** Name, command and arguments of one who is to run. */
type Start = readonly [name: string, command: string, args: readonly string[]];

function torchVariants(): Start[] {
  const script = join('bench', 'peers', 'dadin_torch.py');
  return ['1', '2'].flatMap((threads) =>
    [[], ['--compile']].map((flags): Start => {
      const name = [PEER, threads, ...(flags.length === 0 ? [] : ['compiled'])].join(' ');
      return [name, 'env', [...MALLOC, given.python, script, '--serve', '--threads', threads, ...flags]];
    }),
  );
}

interface Started {
  readonly contender: Contender;
  readonly description: object;
}

/** Those of whom an answer comes; each in a process of its own, since engines in one would share compiled code. */
async function started(starts: readonly Start[]): Promise<Started[]> {
  const ready: Started[] = [];
  for (const [name, command, args] of starts) {
    const contender = new Contender(name, command, args);
    const description = await contender.describe().catch(() => null);
    console.log(description === null ? `skipped: ${name} does not run here` : `${name} ${JSON.stringify(description)}`);
    if (description === null) contender.close();
    else ready.push({ contender, description });
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
  // two histories
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
