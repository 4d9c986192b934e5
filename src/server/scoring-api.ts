/** Items to be scored in one request, and of each history, at most. */
const MAX_CANDIDATES = 1000;
const MAX_HISTORY = 1000;
const MAX_TEXT = 1024;
const MAX_FEATURES = 256;

const text = { type: 'string', maxLength: MAX_TEXT } as const;
const described = {
  type: 'object',
  additionalProperties: false,
  required: ['id'],
  properties: {
    id: { ...text, minLength: 1 },
    features: {
      type: 'object',
      description: 'Values by name, as in the events the model learned from; a list where there are several.',
      maxProperties: MAX_FEATURES,
      additionalProperties: { anyOf: [text, { type: 'array', maxItems: MAX_FEATURES, items: text }] },
    },
  },
} as const;
const history = {
  type: 'array',
  maxItems: MAX_HISTORY,
  items: described,
  description: 'Clicked items, oldest first; those beyond the length that the model sees are left out.',
} as const;

/** JSON Schema of a scoring request: what the service accepts and what its OpenAPI document says. */
export const SCORE_REQUEST = {
  type: 'object',
  additionalProperties: false,
  required: ['user', 'candidates'],
  properties: {
    domain: {
      type: 'string',
      enum: ['target', 'source'],
      description: 'Domain of the candidates; target if left out.',
    },
    user: described,
    candidates: { type: 'array', minItems: 1, maxItems: MAX_CANDIDATES, items: described },
    histories: { type: 'object', additionalProperties: false, properties: { target: history, source: history } },
  },
} as const;

const numbers = (description: string) => ({ type: 'array', items: { type: 'number' }, description });

const SCORE_ANSWER = {
  type: 'object',
  required: ['version', 'digest', 'logits', 'probabilities'],
  properties: {
    version: { type: 'integer', description: 'Number of the model version that gave the scores.' },
    digest: { type: 'string', description: 'SHA-256 of its manifest.' },
    logits: numbers('One a candidate, in their order; higher is likelier.'),
    probabilities: numbers('Click probabilities, 1 / (1 + exp(-logit)).'),
  },
} as const;

const VERSION = {
  type: 'object',
  properties: {
    version: { type: 'integer' },
    digest: { type: 'string' },
    kind: { type: 'string', enum: ['full', 'delta'] },
    step: { type: 'integer', description: 'Training steps taken.' },
    eventTimeMs: { type: ['integer', 'null'], description: 'Event time up to which it learned, ms since the epoch.' },
  },
} as const;

const ERROR = { type: 'object', properties: { error: { type: 'string' }, code: { type: 'string' } } } as const;

const answer = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
});

/** The OpenAPI 3.1 document of the scoring service. */
export const OPEN_API = {
  openapi: '3.1.0',
  info: {
    title: 'dadin-stream scoring',
    version: '1',
    description: 'Scores candidates of a user with the newest verified model version; every answer names the version.',
  },
  paths: {
    '/v1/score': {
      post: {
        requestBody: { required: true, content: { 'application/json': { schema: SCORE_REQUEST } } },
        responses: {
          200: answer('Scores of the candidates, in their order.', SCORE_ANSWER),
          400: answer('The request is not as described; the message says where.', ERROR),
          413: answer('The request is too large.', ERROR),
          503: answer('No verified model yet, or too many requests wait.', ERROR),
        },
      },
    },
    '/v1/version': {
      get: { responses: { 200: answer('The model version in use.', VERSION), 503: answer('None yet.', ERROR) } },
    },
    '/ready': {
      get: { responses: { 200: answer('A verified model is loaded.', VERSION), 503: answer('None yet.', ERROR) } },
    },
    '/live': { get: { responses: { 200: { description: 'The process answers.' } } } },
    '/metrics': { get: { responses: { 200: { description: 'Metrics, as Prometheus reads them.' } } } },
    '/openapi.json': { get: { responses: { 200: { description: 'This document.' } } } },
  },
} as const;
