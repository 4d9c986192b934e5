import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { DadinError } from '../core/index.js';
import { bears } from './bearer-token.js';
import { answerControl, type ServedControl } from './control-endpoint.js';
import { EventStream } from './event-stream.js';
import type { LiveFeed } from './live-feed.js';
import { livePage } from './live-page.js';
import { PROMETHEUS_TEXT } from './prometheus-text.js';

/** Larger requests are refused: nothing here takes more than a few bytes. */
const MOST_BODY_BYTES = 4096;
const REQUEST_TIMEOUT_MS = 10_000;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/** What the endpoints show and do; all of it outside the fold. */
export interface ServedRun {
  readonly feed: LiveFeed;
  /** Null when ready; otherwise what the run waits for. */
  readonly waitingFor: () => string | null;
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>;
  /** The configuration; secrets stand in it as references only. */
  readonly config: unknown;
  /** Checkpoints and model versions with their lineage, oldest first. */
  readonly versions: () => Promise<unknown>;
  /** Writes a checkpoint between two turns; null where no directory is configured. */
  readonly checkpoint: (() => Promise<void>) | null;
  readonly control: ServedControl;
  /** Ends the run as a signal does: with a checkpoint. */
  readonly stop: () => void;
}

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Of the endpoints that change something; null: there are none. */
  readonly token: string | null;
}

/** The live page and the endpoints of a run. */
export class RunServer {
  readonly #app: FastifyInstance;
  readonly #stream: EventStream;
  readonly #host: string;

  private constructor(app: FastifyInstance, stream: EventStream, host: string) {
    this.#app = app;
    this.#stream = stream;
    this.#host = host;
  }

  /** @throws DadinError DADIN_SERVER_LISTEN */
  static async listen(run: ServedRun, { host, port, token }: ListenOptions): Promise<RunServer> {
    const app = fastify({
      bodyLimit: MOST_BODY_BYTES,
      requestTimeout: REQUEST_TIMEOUT_MS,
      forceCloseConnections: true,
      return503OnClosing: false,
    });
    const stream = new EventStream(run.feed);
    guard(app, host);
    await addPage(app, stream);
    addReading(app, run);
    if (token !== null) addWriting(app, run, token);
    try {
      await app.listen({ host, port });
    } catch (cause) {
      throw new DadinError('DADIN_SERVER_LISTEN', `cannot listen on ${host}:${port}`, {
        step: 'serve',
        got: cause instanceof Error ? cause.message : String(cause),
        remedy: 'give another port with --port (0 takes any free one), or another server.host',
        retryable: true,
        cause,
      });
    }
    return new RunServer(app, stream, host);
  }

  /** Address of the live page. */
  get url(): string {
    const { port } = this.#app.server.address() as AddressInfo;
    const host = ['0.0.0.0', '::'].includes(this.#host) ? 'localhost' : this.#host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  }

  async close(): Promise<void> {
    this.#stream.close();
    await this.#app.close();
  }
}

function guard(app: FastifyInstance, host: string): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    // a name that somebody else's page made point here
    if (LOOPBACK.has(host) && !LOOPBACK.has(request.hostname.replace(/^\[|\]$/g, '')))
      return reply.code(421).send({ error: 'this address answers to localhost only' });
    return undefined;
  });
}

async function addPage(app: FastifyInstance, stream: EventStream): Promise<void> {
  const { html, contentSecurityPolicy } = await livePage();
  app.get('/', (_, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', contentSecurityPolicy).send(html),
  );
  app.get('/events', (request, reply) => stream.answer(request, reply));
}

function addReading(app: FastifyInstance, { waitingFor, metrics, config, versions, control }: ServedRun): void {
  app.get('/live', async () => ({ live: true }));
  app.get('/ready', async (_, reply) => {
    const reason = waitingFor();
    return reply
      .code(reason === null ? 200 : 503)
      .send(reason === null ? { ready: true } : { ready: false, waitingFor: reason });
  });
  app.get('/metrics', async (_, reply) => reply.type(PROMETHEUS_TEXT).send(await metrics()));
  app.get('/control', async () => ({ held: control.held() }));
  app.get('/config', async () => config);
  app.get('/versions', async () => await versions());
}

function addWriting(app: FastifyInstance, { checkpoint, control, stop }: ServedRun, token: string): void {
  app.register(async (writing) => {
    writing.addHook('onRequest', async (request, reply) => {
      if (bears(token, request.headers.authorization)) return undefined;
      return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'the token is missing or wrong' });
    });
    writing.post('/checkpoint', async (_, reply) => {
      if (checkpoint === null) return reply.code(409).send({ error: 'the run keeps no checkpoints' });
      await checkpoint();
      return { checkpoint: true };
    });
    writing.post('/control', async (request, reply) => await answerControl(control, request.body, reply));
    writing.post('/stop', async (_, reply) => {
      stop();
      return reply.code(202).send({ stopping: true });
    });
  });
}
