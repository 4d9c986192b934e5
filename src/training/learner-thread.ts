import { Worker } from 'node:worker_threads';
import {
  type Adaptation,
  bug,
  DadinError,
  type Learner,
  type LearnerDescription,
  type LearnerGauges,
  type LearnerState,
  type SampleBatch,
  type ServingPart,
  type StepReport,
} from '../core/index.js';
import {
  buffersOf,
  type CallName,
  errorFromMessage,
  type LearnerCalls,
  type LearnerOptions,
  type LearnerReply,
  type LearnerRequest,
} from './learner-messages.js';
import { setNativeEnvironment } from './native-binding.js';

/** A learner with the reason why it runs on the backend that it does, for the log. */
export interface ThreadedLearner extends Learner {
  readonly backendReason: string;
}

/**
 * Starts a learner in a thread of its own and waits until it is ready.
 *
 * @throws DadinError DADIN_BACKEND_UNAVAILABLE; DADIN_LEARNER_FAILED where the thread ends before it is ready. Later calls
 *   reject with the engine's own DadinError, or with DADIN_LEARNER_FAILED once the thread has ended.
 */
export async function startLearner(options: LearnerOptions): Promise<ThreadedLearner> {
  setNativeEnvironment();
  const thread = new LearnerThread(options);
  await thread.ready;
  return thread;
}

/** Built, or run from TypeScript sources (tests, tsx). */
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('./learner-worker-from-sources.mjs', import.meta.url)
  : new URL('./learner-worker.js', import.meta.url);

interface Pending {
  resolve(value: unknown): void;
  reject(error: DadinError): void;
}

class LearnerThread implements ThreadedLearner {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  /** Calls not yet answered, oldest first; the first answer is that the thread is ready. */
  readonly #pending: Pending[] = [];
  #description: LearnerDescription | undefined;
  #reason = '';
  #ended: DadinError | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: LearnerOptions) {
    this.#worker = new Worker(ENTRY, { name: 'learner', workerData: options, execArgv: [] });
    this.ready = new Promise<void>((resolve, reject) => this.#pending.push({ resolve: () => resolve(), reject }));
    this.#worker.on('message', (reply: LearnerReply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#end(`the learner's thread failed: ${error.message}`, error));
    this.#worker.on('exit', (code) => this.#end(`the learner's thread ended with exit code ${code}`));
  }

  get backendReason(): string {
    return this.#reason;
  }

  describe(): LearnerDescription {
    return this.#description ?? bug('described before the learner is ready');
  }

  score(batch: SampleBatch): Promise<Float32Array> {
    return this.#call<'score'>({ call: 'score', batch }, buffersOf(batch));
  }

  train(batch: SampleBatch, eventTimeMs: number, adaptation: Adaptation | null = null): Promise<StepReport> {
    return this.#call<'train'>({ call: 'train', batch, eventTimeMs, adaptation }, buffersOf(batch));
  }

  inspect(): Promise<LearnerGauges> {
    return this.#call<'inspect'>({ call: 'inspect' });
  }

  snapshot(): Promise<LearnerState> {
    return this.#call<'snapshot'>({ call: 'snapshot' });
  }

  /** Copies the state, which the caller keeps. */
  async restore(state: LearnerState): Promise<void> {
    await this.#call<'restore'>({ call: 'restore', state });
  }

  serving(whole: string | null): Promise<ServingPart> {
    return this.#call<'serving'>({ call: 'serving', whole });
  }

  async published(): Promise<void> {
    await this.#call<'published'>({ call: 'published' });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#ended !== undefined) return;
    await this.#call<'close'>({ call: 'close' });
    this.#ended = failure('the learner is closed');
    await this.#worker.terminate();
  }

  #call<Name extends CallName>(
    request: Extract<LearnerRequest, { call: Name }>,
    moved: ArrayBuffer[] = [],
  ): Promise<LearnerCalls[Name]['result']> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(request, moved);
      this.#pending.push({ resolve: (value) => resolve(value as LearnerCalls[Name]['result']), reject });
    });
  }

  #receive(reply: LearnerReply): void {
    const call = this.#pending.shift() ?? bug('an answer that nobody asked for');
    if ('error' in reply) {
      call.reject(errorFromMessage(reply.error));
    } else if ('ready' in reply) {
      this.#description = reply.ready;
      this.#reason = reply.reason;
      call.resolve(undefined);
    } else {
      call.resolve(reply.value);
    }
  }

  #end(message: string, cause?: Error): void {
    this.#ended ??= failure(message, cause);
    for (const call of this.#pending.splice(0)) call.reject(this.#ended);
  }
}

function failure(message: string, cause?: Error): DadinError {
  return new DadinError('DADIN_LEARNER_FAILED', message, {
    step: 'train',
    remedy: 'start again from the last checkpoint; if it happens again, please report it',
    ...(cause === undefined ? {} : { cause }),
  });
}
