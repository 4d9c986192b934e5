import type { ScoreAnswer, ScoreRequest } from '../client/index.js';
import { DadinError } from '../core/index.js';

/** Rows of one pass: more than that waits for the next. */
const MAX_ROWS = 4096;
/** Requests that may wait; beyond it they are refused at once instead of timing out later. */
const MAX_WAITING = 1000;

interface Waiting {
  readonly request: ScoreRequest;
  resolve(answer: ScoreAnswer): void;
  reject(error: unknown): void;
}

/** Requests that arrive together are scored together: one pass of the kernel a turn of the event loop. */
export class ScoringQueue {
  readonly #scoreAll: (requests: readonly ScoreRequest[]) => ScoreAnswer[];
  #waiting: Waiting[] = [];

  constructor(scoreAll: (requests: readonly ScoreRequest[]) => ScoreAnswer[]) {
    this.#scoreAll = scoreAll;
  }

  /** Rejects with DADIN_SCORING_UNAVAILABLE where too many wait. */
  score(request: ScoreRequest): Promise<ScoreAnswer> {
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#pass());
    });
  }

  #pass(): void {
    let rows = 0;
    const fit = this.#waiting.findIndex(({ request }, i) => {
      rows += request.candidates.length;
      return rows > MAX_ROWS && i > 0;
    });
    const together = this.#waiting.splice(0, fit < 0 ? this.#waiting.length : fit);
    if (this.#waiting.length > 0) setImmediate(() => this.#pass());
    try {
      const answers = this.#scoreAll(together.map(({ request }) => request));
      for (const [i, { resolve }] of together.entries()) resolve(answers[i]!);
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }
}

function busy(): DadinError {
  return new DadinError('DADIN_SCORING_UNAVAILABLE', `${MAX_WAITING} requests wait for their scores already`, {
    step: 'score',
    remedy: 'try again after a moment, or share the load between more processes',
    retryable: true,
  });
}
