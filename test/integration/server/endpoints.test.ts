import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { shownConfig } from '../../../src/cli/shown-config.js';
import { parseConfig } from '../../../src/config/index.js';
import { controlRefused } from '../../../src/core/index.js';
import { runReading } from '../../run-readings.js';
import { serveRun, type TestServer } from '../../served-run.js';

const TOKEN = 'open sesame';
let served: TestServer;
afterEach(() => served.server.close());

describe('reading endpoints', () => {
  it('/live answers at once, /ready names what it waits for', async () => {
    let waitingFor: string | null = 'restore of the newest checkpoint';
    served = await serveRun({ waitingFor: () => waitingFor });
    expect((await fetch(`${served.url}live`)).status).toBe(200);
    const waiting = await fetch(`${served.url}ready`);
    expect([waiting.status, await waiting.json()]).toEqual([503, { ready: false, waitingFor }]);
    waitingFor = null;
    expect((await fetch(`${served.url}ready`)).status).toBe(200);
  });

  it('/config shows no secret', async () => {
    const config = parseConfig('', 'test', {
      env: {},
      overrides: ['server.token={ env: MY_TOKEN }', 'telemetry.otlpEndpoint=http://me:hush@collector:4318'],
    });
    served = await serveRun({ config: shownConfig(config) });
    const text = await (await fetch(`${served.url}config`)).text();
    expect(text).not.toMatch(/hush|MY_TOKEN/);
    expect(JSON.parse(text).telemetry.otlpEndpoint).toBe('http://***@collector:4318');
  });

  it('answer under the names of this machine only', async () => {
    served = await serveRun();
    const { port } = new URL(served.url);
    const status = await new Promise((resolve, reject) => {
      httpRequest({ port, host: '127.0.0.1', path: '/config', headers: { host: `evil.example:${port}` } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });

  it('the page loads nothing from elsewhere and says so to the browser', async () => {
    served = await serveRun();
    const page = await fetch(served.url);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*connect-src 'self'/);
    expect(await page.text()).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
  });
});

describe('writing endpoints', () => {
  const post = (path: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(served.url + path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it('do not exist without a token', async () => {
    served = await serveRun({ checkpoint: async () => {} });
    expect((await post('checkpoint', bearer(''))).status).toBe(404);
    expect((await post('stop', bearer('null'))).status).toBe(404);
  });

  it('want the token', async () => {
    let saved = 0;
    let stopped = 0;
    const run = { checkpoint: async () => void saved++, stop: () => void stopped++ };
    served = await serveRun(run, { token: TOKEN });
    for (const headers of [{}, bearer('wrong'), bearer(`${TOKEN}x`), { authorization: TOKEN }])
      expect((await post('checkpoint', headers)).status).toBe(401);
    expect(saved).toBe(0);
    expect((await post('checkpoint', bearer(TOKEN))).status).toBe(200);
    expect((await post('stop', bearer(TOKEN))).status).toBe(202);
    expect([saved, stopped]).toEqual([1, 1]);
  });

  it('hand commands on: 200 carried out, 400 no command, 409 refused', async () => {
    const asked: unknown[] = [];
    const request = async (one: { readonly command: string }) => {
      asked.push(one);
      if (one.command === 'release') throw controlRefused('nobody is held');
      return { command: one.command, events: 7 };
    };
    served = await serveRun({ control: { held: () => 'frozen', request } }, { token: TOKEN });
    expect(await (await fetch(`${served.url}control`)).json()).toEqual({ held: 'frozen' });
    const control = (command: unknown, token = TOKEN) =>
      post('control', { ...bearer(token), 'content-type': 'application/json' }, JSON.stringify(command));
    expect((await control({ command: 'freeze' }, 'wrong')).status).toBe(401);
    expect(asked).toEqual([]);
    const done = await control({ command: 'freeze', id: 'f1' });
    expect([done.status, await done.json()]).toEqual([200, { command: 'freeze', events: 7 }]);
    expect(asked).toEqual([{ command: 'freeze', id: 'f1' }]);
    for (const rubbish of [null, [], 'x', { command: 'thaw' }]) expect((await control(rubbish)).status).toBe(400);
    const refused = await control({ command: 'release' });
    expect([refused.status, await refused.json()]).toEqual([
      409,
      { error: 'nobody is held', code: 'DADIN_CONTROL_REFUSED' },
    ]);
  });

  it('say that a run keeps no checkpoints, and refuse what is too large', async () => {
    served = await serveRun({}, { token: TOKEN });
    expect((await post('checkpoint', bearer(TOKEN))).status).toBe(409);
    const large = await post('checkpoint', { ...bearer(TOKEN), 'content-type': 'application/json' }, 'x'.repeat(5000));
    expect(large.status).toBe(413);
  });
});

it('a port that is taken is an error with a remedy', async () => {
  served = await serveRun();
  await expect(serveRun({}, { port: Number(new URL(served.url).port) })).rejects.toMatchObject({
    code: 'DADIN_SERVER_LISTEN',
  });
});

it('/events goes on after the last id', async () => {
  served = await serveRun();
  for (let i = 1; i <= 5; i++) served.feed.reading(runReading(i));
  const first = await firstEvents(`${served.url}events`, {}, 'reset');
  const id = /^id: (.*)$/m.exec(first)![1]!;
  served.feed.reading(runReading(6));
  const next = await firstEvents(`${served.url}events`, { 'last-event-id': id }, 'row');
  expect(next).not.toContain('event: reset');
  expect(next.match(/^event: row$/gm)).toHaveLength(1);
});

/** The stream up to the end of the first event of that name. */
async function firstEvents(url: string, headers: Record<string, string>, name: string): Promise<string> {
  const aborter = new AbortController();
  const { body } = await fetch(url, { headers, signal: aborter.signal });
  let text = '';
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (new RegExp(`event: ${name}\\ndata: .*\\n\\n`).test(text)) break;
  }
  aborter.abort();
  return text;
}
