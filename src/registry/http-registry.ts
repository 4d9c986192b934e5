import { setTimeout as sleep } from 'node:timers/promises';
import type { RegisteredSchema, SchemaRegistry } from '../codec/index.js';
import { DadinError } from '../core/index.js';
import { readLimited } from './read-limited.js';

/** How a registry with Confluent's API is reached. */
export interface RegistryAccess {
  /** Up to where `/schemas/ids/ID` is added. */
  readonly url: string;
  /** Whole value of the Authorization header; null: none. */
  readonly authorization: string | null;
  /** Clock time for an answer. */
  readonly timeoutMs: number;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const MAX_ANSWER_BYTES = 1 << 20;
/** Waits between attempts; whoever must outlast a longer outage asks again. */
const RETRY_MS = [100, 500];
/** Content type of Confluent's API, which strict registries insist on. */
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

/** A schema registry with Confluent's REST API: Confluent, Apicurio (`/apis/ccompat/v7`), Karapace, Redpanda. */
export class HttpRegistry implements SchemaRegistry {
  readonly #access: RegistryAccess;

  constructor(access: RegistryAccess) {
    this.#access = access;
  }

  async schema(id: number): Promise<RegisteredSchema> {
    const { status, body } = await this.#ask(`schemas/ids/${id}`, null);
    if (status === 404) return { ok: false, reason: `the registry has no schema ${id}` };
    const { schema, schemaType = 'AVRO', references = [] } = body;
    if (schemaType !== 'AVRO') return { ok: false, reason: `schema ${id} is ${String(schemaType)}, not Avro` };
    if (!Array.isArray(references) || references.length > 0)
      return { ok: false, reason: `schema ${id} refers to others, which is not supported` };
    return typeof schema === 'string'
      ? { ok: true, schema }
      : { ok: false, reason: `schema ${id} has no text, or one of more than ${MAX_ANSWER_BYTES} bytes` };
  }

  /** The id of a schema under a subject; registers it where it is not there yet. */
  async register(subject: string, schema: string): Promise<number> {
    const { status, body } = await this.#ask(`subjects/${encodeURIComponent(subject)}/versions`, { schema });
    const { id } = body;
    if (status !== 200 || typeof id !== 'number') throw this.#refused(status, body);
    return id;
  }

  /** GET, or POST with a body. Resolves with an answer that is final: 200 or 404; any below 500 to a POST. */
  async #ask(path: string, post: object | null): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#attempt(path, post);
      if (typeof answer !== 'string') return answer;
      if (attempt >= RETRY_MS.length) throw this.#unreachable(answer);
      await sleep(RETRY_MS[attempt]);
    }
  }

  /** An answer, or why there is none yet. @throws DadinError DADIN_REGISTRY_REFUSED */
  async #attempt(path: string, post: object | null): Promise<Answer | string> {
    const { url, authorization, timeoutMs } = this.#access;
    let status: number;
    let text: string | null;
    try {
      const response = await fetch(new URL(path, url.endsWith('/') ? url : `${url}/`), {
        method: post === null ? 'GET' : 'POST',
        headers: {
          accept: `${CONTENT_TYPE}, application/json`,
          ...(post === null ? {} : { 'content-type': CONTENT_TYPE }),
          ...(authorization === null ? {} : { authorization }),
        },
        ...(post === null ? {} : { body: JSON.stringify(post) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      text = await readLimited(response, MAX_ANSWER_BYTES);
    } catch (error) {
      return messageOf(error);
    }
    if (status >= 500 || status === 429 || status === 408) return `HTTP status ${status}`;
    const body = (text === null ? null : objectOf(text)) ?? {};
    const isRefusal = status === 401 || status === 403 || (post === null && status !== 200 && status !== 404);
    if (isRefusal) throw this.#refused(status, body);
    return { status, body };
  }

  #refused(status: number, { message }: Answer['body']): DadinError {
    return new DadinError('DADIN_REGISTRY_REFUSED', `the schema registry refuses: HTTP status ${status}`, {
      step: 'decode',
      ...(typeof message === 'string' ? { got: message } : {}),
      remedy: 'compare kafka.registry with the users and rights of the registry',
    });
  }

  #unreachable(reason: string): DadinError {
    return new DadinError('DADIN_REGISTRY_UNREACHABLE', `the schema registry does not answer: ${reason}`, {
      step: 'decode',
      got: this.#access.url,
      remedy: 'is kafka.registry.url right, and does the registry run?',
      retryable: true,
    });
  }
}

/** `fetch` says only that it failed; why stands in the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
