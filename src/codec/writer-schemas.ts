import avro from 'avsc';
import { bug } from '../core/index.js';
import { type AvroGuard, compileAvroGuard } from './avro-guard.js';
import { CLICK_EVENT_TYPE } from './click-event-schema.js';
import { MAX_ARRAY_ITEMS, MAX_STRING_BYTES } from './event-decoding.js';

/** What a registry has under an id: an Avro schema as JSON, or why it has none. */
export type RegisteredSchema =
  | { readonly ok: true; readonly schema: string }
  | { readonly ok: false; readonly reason: string };

export interface SchemaRegistry {
  /** Rejects where there is no answer: DADIN_REGISTRY_UNREACHABLE (retryable), DADIN_REGISTRY_REFUSED. */
  schema(id: number): Promise<RegisteredSchema>;
}

/** How events of one writer are checked and read as ours; a text where they cannot be. */
export type WriterSchema = { readonly guard: AvroGuard; readonly resolver: avro.Resolver } | string;

/** Whoever sends made-up ids costs a look-up each, but no memory for long. */
const MAX_KNOWN = 10_000;
const LIMITS = { maxStringBytes: MAX_STRING_BYTES, maxItems: MAX_ARRAY_ITEMS };

/** Writers' schemas by id, each fetched and resolved against schemas/click-event.avsc once. */
export class WriterSchemas {
  readonly #registry: SchemaRegistry;
  readonly #known = new Map<number, WriterSchema>();

  constructor(registry: SchemaRegistry) {
    this.#registry = registry;
  }

  isKnown(id: number): boolean {
    return this.#known.has(id);
  }

  /** Forgets the oldest of too many; between batches, so that none that a batch needs is forgotten. */
  trim(): void {
    for (const id of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(id);
    }
  }

  async learn(id: number): Promise<void> {
    const registered = await this.#registry.schema(id);
    this.#known.set(id, registered.ok ? resolve(registered.schema) : registered.reason);
  }

  get(id: number): WriterSchema {
    return this.#known.get(id) ?? bug(`schema ${id} was not looked up`);
  }
}

function resolve(schema: string): WriterSchema {
  try {
    const writer = avro.Type.forSchema(JSON.parse(schema) as avro.Schema);
    return { guard: compileAvroGuard(writer, LIMITS), resolver: CLICK_EVENT_TYPE.createResolver(writer) };
  } catch (error) {
    return `its schema cannot be read as a click event: ${error instanceof Error ? error.message : String(error)}`;
  }
}
