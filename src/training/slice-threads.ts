import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { DadinError } from '../core/index.js';
import type { BackendName } from './backend.js';
import { errorFromMessage } from './learner-messages.js';
import { CONTROL, type HelperFailure, type HelperStart, type ModelChoice, type SliceJob } from './slice-messages.js';

/** Built, or run from TypeScript sources (tests, tsx). */
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('./slice-worker-from-sources.mjs', import.meta.url)
  : new URL('./slice-worker.js', import.meta.url);

/** A slice takes milliseconds; a thread that was killed from outside cannot say so. */
const ANSWER_WITHIN_MS = 60_000;

interface Helper {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly control: Int32Array;
  /** Commands given so far. */
  given: number;
}

/**
 * Starts `count` threads that help their owner with slices, each with the backend in an instance of its own.
 *
 * @throws DadinError DADIN_BACKEND_UNAVAILABLE; DADIN_LEARNER_FAILED where a thread ends before it is ready
 */
export async function startSliceThreads(count: number, backend: BackendName): Promise<SliceThreads> {
  const started = await Promise.allSettled(Array.from({ length: count }, () => startHelper(backend)));
  const helpers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const refused = started.find((result) => result.status === 'rejected');
  const threads = new SliceThreads(helpers);
  if (refused === undefined) return threads;
  await threads.close();
  throw refused.reason;
}

async function startHelper(backend: BackendName): Promise<Helper> {
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL.words));
  const { port1: port, port2 } = new MessageChannel();
  const workerData: HelperStart = { backend, port: port2, control };
  const worker = new Worker(ENTRY, { name: 'slices', workerData, transferList: [port2], execArgv: [] });
  // the owner decides how long the process lives
  worker.unref();
  await new Promise<void>((resolve, reject) => {
    port.once('message', (message: 'ready' | HelperFailure) =>
      message === 'ready' ? resolve() : reject(errorFromMessage(message)),
    );
    worker.once('error', (error) => reject(failure(`a thread for slices failed: ${error.message}`)));
    worker.once('exit', () => reject(failure('a thread for slices ended before it was ready')));
  });
  port.removeAllListeners();
  port.unref();
  return { worker, port, control, given: 0 };
}

/**
 * Threads that work on slices beside their owner, who waits for them without its event loop: a step is one call. After a
 * failure every call fails.
 */
export class SliceThreads {
  readonly #helpers: readonly Helper[];
  #models = 0;
  #failed: DadinError | undefined;

  constructor(helpers: readonly Helper[]) {
    this.#helpers = helpers;
    for (const { worker } of helpers) {
      worker.removeAllListeners();
      worker.on('error', (error) => this.#fail(failure(`a thread for slices failed: ${error.message}`)));
      worker.on('exit', () => this.#fail(failure('a thread for slices has ended')));
    }
  }

  /** Threads beside the owner's. */
  get count(): number {
    return this.#helpers.length;
  }

  /** Makes a model known to all threads, which read its weights where they lie. Returns its number. */
  makeKnown(choice: ModelChoice, flat: Float32Array): number {
    const model = this.#models++;
    for (let helper = 0; helper < this.count; helper++) this.send(helper, { kind: 'model', model, choice, flat });
    this.join();
    return model;
  }

  /** @throws DadinError DADIN_LEARNER_FAILED after a failure */
  send(helper: number, job: SliceJob): void {
    if (this.#failed !== undefined) throw this.#failed;
    this.#helpers[helper]!.port.postMessage(job);
    this.sendBack(helper);
  }

  /** The command without a message: back through the step that was sent last. */
  sendBack(helper: number): void {
    const { control } = this.#helpers[helper]!;
    this.#helpers[helper]!.given++;
    Atomics.add(control, CONTROL.given, 1);
    Atomics.notify(control, CONTROL.given);
  }

  /**
   * Waits until all commands are done.
   *
   * @throws DadinError that a thread met, or DADIN_LEARNER_FAILED where one has ended or does not answer
   */
  join(): void {
    for (const { port, control, given } of this.#helpers) {
      for (let done = Atomics.load(control, CONTROL.done); done !== given; done = Atomics.load(control, CONTROL.done)) {
        if (Atomics.load(control, CONTROL.failed) === 1) break;
        if (Atomics.wait(control, CONTROL.done, done, ANSWER_WITHIN_MS) === 'timed-out') {
          this.#fail(failure(`a thread for slices has not answered for ${ANSWER_WITHIN_MS / 1000} s`));
          throw this.#failed;
        }
      }
      if (Atomics.load(control, CONTROL.failed) === 1) {
        const received = receiveMessageOnPort(port) as { message: HelperFailure } | undefined;
        this.#fail(
          received === undefined ? failure('a thread for slices has ended') : errorFromMessage(received.message),
        );
      }
    }
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** After an error of the owner's amid a step: threads may wait for a way back that never comes. */
  abandon(cause: unknown): void {
    this.#fail(failure(`a step broke off: ${cause instanceof Error ? cause.message : String(cause)}`));
  }

  async close(): Promise<void> {
    this.#failed ??= failure('the threads for slices are closed');
    for (const { port } of this.#helpers) port.close();
    await Promise.all(this.#helpers.map(({ worker }) => worker.terminate()));
  }

  #fail(error: DadinError): void {
    this.#failed ??= error;
  }
}

function failure(message: string): DadinError {
  return new DadinError('DADIN_LEARNER_FAILED', message, {
    step: 'train',
    remedy: 'start again from the last checkpoint; if it happens again, please report it',
  });
}
