import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpRegistry } from '../../../src/registry/index.js';

type Reply = { readonly status: number; readonly body: string } | 'hang';

let server: Server;
let asked: { readonly request: IncomingMessage; readonly body: string }[];
let replies: Reply[];

beforeEach(async () => {
  asked = [];
  replies = [];
  server = createServer(async (request, response) => {
    const body = await text(request);
    asked.push({ request, body });
    const reply = replies.length > 1 ? replies.shift()! : replies[0]!;
    if (reply === 'hang') return;
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function registry(changes: { authorization?: string; timeoutMs?: number } = {}): HttpRegistry {
  return new HttpRegistry({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/apis/ccompat/v7`,
    authorization: null,
    timeoutMs: 5_000,
    ...changes,
  });
}

const reply = (status: number, body: object): Reply => ({ status, body: JSON.stringify(body) });

describe('a registry by HTTP', () => {
  it('gets a schema by id below its path, with its authorization', async () => {
    replies = [reply(200, { schema: '"string"' })];
    expect(await registry({ authorization: 'Bearer t' }).schema(12)).toEqual({ ok: true, schema: '"string"' });
    expect(asked[0]!.request.url).toBe('/apis/ccompat/v7/schemas/ids/12');
    expect(asked[0]!.request.headers.authorization).toBe('Bearer t');
  });

  it.each([
    ['there is none', reply(404, { error_code: 40403 }), 'no schema 3'],
    ['it is not Avro', reply(200, { schemaType: 'PROTOBUF', schema: 'x' }), 'PROTOBUF'],
    ['it refers to others', reply(200, { schema: 'x', references: [{ name: 'a' }] }), 'refers to others'],
    ['the answer has none', reply(200, {}), 'no text'],
    ['the answer is no JSON', { status: 200, body: '<html>' }, 'no text'],
    ['the answer is endless', { status: 200, body: `{"schema": "${'x'.repeat(2 << 20)}"}` }, 'no text'],
  ] as const)('says why an id has no schema: %s', async (_, answer, reason) => {
    replies = [answer];
    expect(await registry().schema(3)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  it('asks again where there was no answer, three times in all', async () => {
    replies = [reply(503, {}), reply(429, {}), reply(200, { schema: '"long"' })];
    expect(await registry().schema(1)).toEqual({ ok: true, schema: '"long"' });
    replies = [reply(500, {})];
    await expect(registry().schema(1)).rejects.toMatchObject({
      code: 'DADIN_REGISTRY_UNREACHABLE',
      retryable: true,
      message: expect.stringContaining('500'),
    });
    expect(asked).toHaveLength(6);
  });

  it('does not wait for ever for an answer, nor for one that is not there', async () => {
    replies = ['hang'];
    await expect(registry({ timeoutMs: 50 }).schema(1)).rejects.toThrow('timeout');
    const nobody = new HttpRegistry({ url: 'http://127.0.0.1:1', authorization: null, timeoutMs: 1_000 });
    await expect(nobody.schema(1)).rejects.toMatchObject({ code: 'DADIN_REGISTRY_UNREACHABLE' });
  });

  it('does not repeat what was refused', async () => {
    replies = [reply(401, { message: 'who are you' })];
    await expect(registry().schema(1)).rejects.toMatchObject({
      code: 'DADIN_REGISTRY_REFUSED',
      details: { got: 'who are you' },
    });
    expect(asked).toHaveLength(1);
  });

  it('registers a schema under its subject', async () => {
    replies = [reply(200, { id: 9 }), reply(409, { message: 'incompatible' })];
    expect(await registry().register('ads.events-value', '"string"')).toBe(9);
    expect(asked[0]!.request.method).toBe('POST');
    expect(asked[0]!.request.url).toBe('/apis/ccompat/v7/subjects/ads.events-value/versions');
    expect(JSON.parse(asked[0]!.body)).toEqual({ schema: '"string"' });
    await expect(registry().register('s', 'x')).rejects.toMatchObject({
      code: 'DADIN_REGISTRY_REFUSED',
      details: { got: 'incompatible' },
    });
  });
});
