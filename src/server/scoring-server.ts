import fastify, { type FastifyInstance } from 'fastify';
import type { ScoreRequest, Scorer } from '../client/index.js';
import { DadinError } from '../core/index.js';
import { PROMETHEUS_TEXT } from './prometheus-text.js';
import { OPEN_API, SCORE_REQUEST } from './scoring-api.js';
import { ScoringQueue } from './scoring-queue.js';

/** A request of 1000 candidates with long features. */
const MAX_BODY_BYTES = 4 << 20;

export interface ScoringServerOptions {
  readonly scorer: Pick<Scorer, 'version' | 'scoreAll'>;
  /** What it waits for while there is no version. */
  readonly waitsFor: () => string;
  /** For `GET /metrics`, as Prometheus reads them. */
  readonly metrics: () => Promise<string>;
}

/** Scores over HTTP; see `OPEN_API`. Not listening yet. */
export function scoringServer({ scorer, waitsFor, metrics }: ScoringServerOptions): FastifyInstance {
  const server = fastify({
    bodyLimit: MAX_BODY_BYTES,
    // a number for an id is a mistake that would score another user
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  const queue = new ScoringQueue((requests) => scorer.scoreAll(requests));

  server.post<{ Body: ScoreRequest }>('/v1/score', { schema: { body: SCORE_REQUEST } }, async ({ body }) => {
    if (scorer.version === null) throw notReady(waitsFor());
    const { version, digest, logits, probabilities } = await queue.score(body);
    return { version, digest, logits: [...logits], probabilities: [...probabilities] };
  });

  const version = async () => {
    if (scorer.version === null) throw notReady(waitsFor());
    const { number, digest, manifest } = scorer.version;
    const { kind, step, eventTimeMs } = manifest;
    return { version: number, digest, kind, step, eventTimeMs };
  };
  server.get('/v1/version', version);
  server.get('/ready', version);
  server.get('/live', async () => ({}));
  server.get('/metrics', async (_, reply) => reply.type(PROMETHEUS_TEXT).send(await metrics()));
  server.get('/openapi.json', async () => OPEN_API);

  server.setErrorHandler((error: Error & { readonly statusCode?: number }, _request, reply) => {
    const retryable = error instanceof DadinError && error.retryable;
    const status = retryable ? 503 : (error.statusCode ?? 500);
    const code = error instanceof DadinError ? { code: error.code } : {};
    reply.code(status).send({ error: error.message, ...code });
  });
  return server;
}

function notReady(waitsFor: string): DadinError {
  return new DadinError('DADIN_SCORING_UNAVAILABLE', `there is no verified model yet: ${waitsFor}`, {
    step: 'score',
    retryable: true,
  });
}
