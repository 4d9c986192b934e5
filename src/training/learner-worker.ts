import { parentPort, workerData } from 'node:worker_threads';
import { bug, DadinError } from '../core/index.js';
import { loadBackend } from './backend.js';
import { TrainingEngine } from './engine.js';
import {
  buffersOf,
  type CallName,
  errorToMessage,
  type LearnerCalls,
  type LearnerOptions,
  type LearnerReply,
  type LearnerRequest,
} from './learner-messages.js';
import { RacingEngine } from './racing-engine.js';
import { startSliceThreads } from './slice-threads.js';

// The thread that owns the backend and the engine. Requests are answered one after the other, in the order they came.
// A DadinError is an answer; anything else thrown leaves the fold in an unknown state and ends the thread.

const port = parentPort ?? bug('learner-worker is the entry of a worker thread');

function reply(message: LearnerReply): void {
  port.postMessage(message, buffersOf(message));
}

async function start({ backend: choice, engine: options, threads }: LearnerOptions): Promise<void> {
  const backend = await loadBackend(choice, options.model.width);
  const helped =
    threads === 1 ? backend : { ...backend, threads: await startSliceThreads(threads - 1, backend.backend) };
  const engine = new (options.race ? RacingEngine : TrainingEngine)(backend.ops, helped, options);

  const answer = (request: LearnerRequest): LearnerCalls[CallName]['result'] => {
    switch (request.call) {
      case 'score':
        return engine.score(request.batch);
      case 'train':
        if (request.adaptation !== null) engine.adapt(request.adaptation);
        return engine.train(request.batch, request.eventTimeMs);
      case 'inspect':
        return { ...engine.inspect(), tensors: backend.liveTensors() };
      case 'snapshot':
        return engine.snapshot();
      case 'restore':
        engine.restore(request.state);
        return null;
      case 'serving':
        return engine.serving(request.whole);
      case 'published':
        engine.published();
        return null;
      case 'close':
        return null;
    }
  };

  port.on('message', (request: LearnerRequest) => answering(() => reply({ value: answer(request) })));
  reply({ ready: engine.describe(), reason: backend.reason });
}

function answering(work: () => void): void {
  try {
    work();
  } catch (error) {
    replyError(error);
  }
}

function replyError(error: unknown): void {
  if (!(error instanceof DadinError)) throw error;
  reply({ error: errorToMessage(error) });
}

start(workerData as LearnerOptions).catch(replyError);
