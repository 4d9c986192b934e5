import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FeedMessage, LiveFeed } from './live-feed.js';

/** Pages that watch at once. */
const MOST_READERS = 32;
/** A page that reads so slowly that more than this waits for it is let go; it comes back and asks for what it missed. */
const MOST_WAITING_BYTES = 8 << 20;
/** Keeps proxies from closing a silent connection. */
const ALIVE_EVERY_MS = 15_000;
/** What a browser waits before it connects again. */
const RETRY_MS = 1000;

/** Server-sent events of a feed. */
export class EventStream {
  readonly #feed: LiveFeed;
  readonly #open = new Set<() => void>();

  constructor(feed: LiveFeed) {
    this.#feed = feed;
  }

  answer(request: FastifyRequest, reply: FastifyReply): void {
    if (this.#open.size >= MOST_READERS) {
      reply.code(503).send({ error: `${MOST_READERS} pages are watching already` });
      return;
    }
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write(`retry: ${RETRY_MS}\n\n`);
    const lastId = request.headers['last-event-id'];
    const leave = this.#feed.follow(typeof lastId === 'string' ? lastId : undefined, (message) => {
      raw.write(encoded(message));
      if (raw.writableLength > MOST_WAITING_BYTES) raw.destroy();
    });
    const alive = setInterval(() => raw.write(': alive\n\n'), ALIVE_EVERY_MS);
    const close = (): void => {
      clearInterval(alive);
      leave();
      this.#open.delete(close);
      raw.end();
    };
    this.#open.add(close);
    raw.on('close', close);
  }

  /** Ends all connections. */
  close(): void {
    for (const close of [...this.#open]) close();
  }
}

/** JSON has no line breaks, so a message is one data line. */
function encoded({ event, id, data }: FeedMessage): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}
