import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { simulateToKafka } from '../../../pipelines/simulate-to-kafka.js';
import { parseConfig } from '../../../src/config/index.js';
import { replayInProcess } from '../../integration/pipeline/in-process.js';
import { noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';

/** A registry with one schema, which can be made to fail. */
class Registry {
  isAway = false;
  refused = 0;
  #schema = '';
  readonly #server = createServer((request, response) => {
    if (this.isAway) {
      this.refused++;
      response.writeHead(503).end();
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      if (request.method === 'POST') this.#schema = (JSON.parse(body) as { schema: string }).schema;
      response.end(JSON.stringify(request.method === 'POST' ? { id: 17 } : { schema: this.#schema }));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const SYNTHETIC = { preset: 'test', seed: 5, events: 2000 };

describe.skipIf(noKafka)('registry down', () => {
  const registry = new Registry();
  afterEach(() => registry.stop());

  it('holds the reading of events whose schema is not known yet, and loses none: the digest is that of the log itself', async () => {
    const url = await registry.start();
    const config = {
      kafka: { brokers: sharedBrokers, registry: { url } },
      input: {
        kind: 'kafka',
        synthetic: SYNTHETIC,
        kafka: {
          topics: [
            { topic: uniqueName('ads'), domain: 'target', format: 'confluent' },
            { topic: uniqueName('news'), domain: 'source', format: 'confluent' },
          ],
        },
      },
      features: { shared: ['topic'] },
    };
    await simulateToKafka({
      config: parseConfig(JSON.stringify(config), 'test'),
      baseDirectory: '.',
      eventsPerSecond: null,
      stop: new AbortController().signal,
      notice: () => {},
    });
    registry.isAway = true;
    const notices: string[] = [];
    const replayed = replayInProcess(config, [], '.', undefined, undefined, (message) => notices.push(message));
    await expect.poll(() => registry.refused, { timeout: 30_000 }).toBeGreaterThan(3);
    await expect
      .poll(() => notices[0] ?? '', { timeout: 30_000 })
      .toContain('the schema registry does not answer: HTTP status 503');
    registry.isAway = false;
    const expected = await replayInProcess({ input: { synthetic: SYNTHETIC }, features: { shared: ['topic'] } }, []);
    const summary = await replayed;
    expect(summary).toMatchObject({ events: SYNTHETIC.events, deadLetters: 0 });
    expect(summary.digest).toBe(expected.digest);
  });
});
