import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentEventDecoder, encodeConfluentEvent } from '../../../src/codec/index.js';
import { HttpRegistry } from '../../../src/registry/index.js';
import { hasRegistry, type RunningRegistry, startRegistry } from '../../kafka/registry.js';
import { impression } from '../../unit/pipelines/small-fold.js';

describe.skipIf(!hasRegistry)('a real schema registry (Apicurio; npm run kafka:fetch)', () => {
  let running: RunningRegistry;
  const client = (url: string) => new HttpRegistry({ url, authorization: null, timeoutMs: 5_000 });
  beforeAll(async () => {
    running = await startRegistry();
  });
  afterAll(() => running.stop());

  const schema = readFileSync('schemas/click-event.avsc', 'utf8');
  const event = impression({ eventId: 'e', itemId: 'ad1' });

  it('gives the same schema the same id, and events under it are read', async () => {
    const registry = client(running.url);
    const id = await registry.register('ads.events-value', schema);
    expect(await registry.register('ads.events-value', schema)).toBe(id);
    const decoder = createConfluentEventDecoder({ domain: null, maxBytes: 100_000 }, registry);
    const bytes = encodeConfluentEvent(event, id);
    await decoder.prepare([bytes]);
    expect(decoder.decode(bytes, null)).toEqual({ ok: true, value: { ...event, schemaId: id } });
  });

  it('says that an id is not there', async () => {
    expect(await client(running.url).schema(987_654)).toMatchObject({ ok: false });
  });

  it('that is away is an error that may pass, and then it answers again', async () => {
    const port = Number(new URL(running.url).port);
    const registry = client(running.url);
    await running.stop();
    await expect(registry.schema(1)).rejects.toMatchObject({ code: 'DADIN_REGISTRY_UNREACHABLE', retryable: true });
    running = await startRegistry(port);
    expect(await registry.register('news.events-value', schema)).toBeGreaterThan(0);
  });
});
