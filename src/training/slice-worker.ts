import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { bug, DadinError, type Ops } from '../core/index.js';
import { dadinModel, type TrainableModel, zooModel } from '../zoo/index.js';
import { loadBackend } from './backend.js';
import { errorToMessage } from './learner-messages.js';
import { CONTROL, type HelperStart, type ScoreSlice, type SliceJob, type StepSlice } from './slice-messages.js';

// A thread that works on slices of other people's batches. It sleeps in Atomics.wait between commands, so nothing of its
// event loop runs: its owner sends it a message first and then the command to read it.

const { backend: name, port, control } = workerData as HelperStart;
const models = new Map<number, { model: TrainableModel; flat: Float32Array }>();
let taken = 0;

async function start(): Promise<void> {
  process.on('exit', () => fail(new Error('the thread was told to exit')));
  const { ops } = await loadBackend(name, 1);
  Atomics.store(control, CONTROL.done, 0);
  port.postMessage('ready');
  for (;;) {
    nextCommand();
    work(ops, receiveJob());
    commandDone();
  }
}

function work(ops: Ops<unknown>, job: SliceJob): void {
  if (job.kind === 'model') {
    const { choice, flat } = job;
    const model = choice.baseline === null ? dadinModel(choice.model) : zooModel(choice.baseline);
    models.set(job.model, { model, flat });
    return;
  }
  const { model, flat } = models.get(job.model) ?? bug(`slices of a model ${job.model} that nobody made known`);
  if (job.kind === 'score') score(ops, model, flat, job.slices);
  else step(ops, model, flat, job.slices);
}

function score(ops: Ops<unknown>, model: TrainableModel, flat: Float32Array, slices: readonly ScoreSlice[]): void {
  for (const { embedded, logits } of slices) logits.set(model.logits(ops, flat, embedded));
}

function step(ops: Ops<unknown>, model: TrainableModel, flat: Float32Array, slices: readonly StepSlice[]): void {
  ops.scope(() => {
    const passes = slices.map((slice) => {
      const pass = model.forward(ops, flat, slice.embedded, slice.settings);
      slice.logit.set(pass.logit);
      if (pass.products !== null) slice.products.set(pass.products);
      if (pass.interest !== null) slice.interest.set(pass.interest);
      return pass;
    });
    commandDone();
    nextCommand();
    for (const [i, pass] of passes.entries()) {
      const { dLogit, dProducts, denseGradient, embeddingGradient } = slices[i]!;
      pass.backward(dLogit, pass.products === null ? null : dProducts, denseGradient, embeddingGradient);
    }
  });
}

function receiveJob(): SliceJob {
  const received = receiveMessageOnPort(port) ?? bug('a command without a message');
  return received.message as SliceJob;
}

function nextCommand(): void {
  while (Atomics.load(control, CONTROL.given) === taken) Atomics.wait(control, CONTROL.given, taken);
  taken++;
}

function commandDone(): void {
  Atomics.add(control, CONTROL.done, 1);
  Atomics.notify(control, CONTROL.done);
}

function fail(error: unknown): void {
  const failure =
    error instanceof DadinError
      ? error
      : new DadinError(
          'DADIN_LEARNER_FAILED',
          error instanceof Error ? (error.stack ?? error.message) : String(error),
          {
            step: 'train',
            remedy: 'start again from the last checkpoint; if it happens again, please report it',
          },
        );
  port.postMessage(errorToMessage(failure));
  Atomics.store(control, CONTROL.failed, 1);
  commandDone();
}

start().catch(fail);
