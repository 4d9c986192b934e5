import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScoreRequest, Scorer, VersionFollower, VersionTopic } from '../../../src/client/index.js';
import { scoringServer } from '../../../src/server/index.js';
import { PublishingRun } from '../client/publishing-run.js';
import { MemoryLog } from '../versions/memory-log.js';

const REQUEST = {
  user: { id: 'u1', features: { age: '3' } },
  candidates: [{ id: 'i1', features: { topic: 't1', tags: ['x1', 'y1'] } }, { id: 'i2' }],
  histories: { source: [{ id: 'i7' }] },
};

let scorer: Scorer;
let server: FastifyInstance;
/** Sizes of the passes that the kernel made. */
const passes: number[] = [];

beforeAll(async () => {
  const log = new MemoryLog();
  const run = await PublishingRun.start(new VersionTopic(log, 'm'), [], 800);
  await run.toEnd();
  scorer = await Scorer.create();
  await new VersionFollower(new VersionTopic(log.again(), 'm'), scorer, (problem) =>
    expect(problem).toBeNull(),
  ).advance();
  const counted = {
    get version() {
      return scorer.version;
    },
    scoreAll(requests: readonly ScoreRequest[]) {
      passes.push(requests.length);
      return scorer.scoreAll(requests);
    },
  };
  server = scoringServer({ scorer: counted, waitsFor: () => '', metrics: async () => '' });
});
afterAll(() => server.close());

const post = (body: object, to = server) => to.inject({ method: 'POST', url: '/v1/score', payload: body });

it('scores as the scorer does, and names the version', async () => {
  const answer = await post(REQUEST);
  expect(answer.statusCode).toBe(200);
  const expected = scorer.score(REQUEST);
  expect(answer.json()).toEqual({
    version: scorer.version?.number,
    digest: scorer.version?.digest,
    logits: [...expected.logits],
    probabilities: [...expected.probabilities],
  });
});

it('scores requests that arrive together in one pass, each with the bits it has alone', async () => {
  passes.length = 0;
  const requests = Array.from({ length: 20 }, (_, k) => ({ ...REQUEST, user: { id: `u${k}` } }));
  const answers = await Promise.all(requests.map((request) => post(request)));
  expect(passes.length).toBeLessThan(20);
  expect(passes.reduce((sum, n) => sum + n, 0)).toBe(20);
  for (const [k, answer] of answers.entries()) {
    expect(answer.json().logits).toEqual([...scorer.score(requests[k]!).logits]);
  }
});

it.each([
  ['no user', { candidates: [{ id: 'a' }] }, 'user'],
  ['no candidates', { user: { id: 'u' }, candidates: [] }, 'candidates'],
  ['a number for an id', { user: { id: 5 }, candidates: [{ id: 'a' }] }, 'user/id'],
  ['an unknown key', { ...REQUEST, histroies: {} }, 'additional'],
  ['another domain', { ...REQUEST, domain: 'shop' }, 'domain'],
  ['too many candidates', { ...REQUEST, candidates: Array.from({ length: 1001 }, () => ({ id: 'a' })) }, 'candidates'],
])('refuses %s and says where', async (_, body, where) => {
  const answer = await post(body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().error).toContain(where);
});

it('refuses what is no JSON, and what is too large', async () => {
  const headers = { 'content-type': 'application/json' };
  const broken = await server.inject({ method: 'POST', url: '/v1/score', headers, payload: '{"user":' });
  expect(broken.statusCode).toBe(400);
  const large = await server.inject({ method: 'POST', url: '/v1/score', headers, payload: ' '.repeat(5 << 20) });
  expect(large.statusCode).toBe(413);
});

it('is ready with a verified model only, and says what it waits for', async () => {
  const empty = await Scorer.create();
  const waiting = scoringServer({ scorer: empty, waitsFor: () => 'the directory holds none', metrics: async () => '' });
  for (const answer of [
    await waiting.inject('/ready'),
    await waiting.inject('/v1/version'),
    await post(REQUEST, waiting),
  ]) {
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'DADIN_SCORING_UNAVAILABLE' });
    expect(answer.json().error).toContain('the directory holds none');
  }
  expect((await waiting.inject('/live')).statusCode).toBe(200);
  await waiting.close();
  const ready = await server.inject('/ready');
  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toMatchObject({ version: scorer.version?.number, digest: scorer.version?.digest });
});

it('describes every path that it has', async () => {
  const { paths, openapi } = (await server.inject('/openapi.json')).json();
  expect(openapi).toBe('3.1.0');
  for (const [path, methods] of Object.entries(paths as Record<string, object>)) {
    for (const method of Object.keys(methods)) {
      const answer = await server.inject({
        method: method.toUpperCase() as 'GET',
        url: path,
        payload: method === 'post' ? REQUEST : undefined,
      } as never);
      expect(answer.statusCode).toBe(200);
    }
  }
});
