import { Scorer, VersionFollower } from '../src/client/index.js';
import type { DadinError } from '../src/core/index.js';
import { scoringServer } from '../src/server/index.js';
import { Telemetry } from '../src/telemetry/telemetry.js';
import type { VersionSource } from '../src/versions/index.js';
import { closingAtEnd } from './closing.js';

export interface ServeOptions {
  readonly source: VersionSource;
  /** Where versions are read from, in messages. */
  readonly from: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly pollMs: number;
  readonly stop: AbortSignal;
  readonly observer: ServeObserver;
}

interface ServeObserver {
  listening(address: string): void;
  /** Another version is in use. */
  swapped(version: NonNullable<Scorer['version']>): void;
  problem(error: DadinError): void;
  notice(message: string): void;
}

/** Follows model versions and scores over HTTP until it is stopped. */
export async function serve({ source, from, host, port, pollMs, stop, observer }: ServeOptions): Promise<void> {
  await closingAtEnd(async (atEnd) => {
    atEnd(() => source.close());
    const scorer = await Scorer.create();
    const telemetry = new Telemetry({
      ...{ serviceName: 'dadin-stream-serve', otlpEndpoint: null, traceShare: 0 },
      complain: observer.notice,
    });
    atEnd(() => telemetry.shutdown());
    const told = telemetry.observeServing(() => scorer.version);
    let newest: string | null = null;
    const follower = new VersionFollower(source, scorer, (error) => {
      newest = error.message;
      told.problem();
      observer.problem(error);
    });
    const server = scoringServer({
      scorer,
      waitsFor: () => newest ?? `${from} holds none`,
      metrics: () => telemetry.prometheus(),
    });
    atEnd(() => server.close());
    observer.listening(await server.listen({ host, port }));
    while (!stop.aborted) {
      if (!(await follower.advance())) {
        await pause(pollMs, stop);
        continue;
      }
      told.swapped(scorer.version!);
      observer.swapped(scorer.version!);
    }
  });
}

/** Resolves early when stopped. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    stop.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    }
  });
}
