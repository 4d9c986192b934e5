import type { ClickEvent, Decoded } from '../core/index.js';
import { encodeAvroEvent } from './avro-events.js';
import { AvroViolation } from './avro-guard.js';
import { CLICK_EVENT_TYPE, type WireEvent } from './click-event-schema.js';
import { FRAME_BYTES, frame, readSchemaId } from './confluent-framing.js';
import { badRecord, type EventDecoder, type EventDecoderOptions, toClickEvent } from './event-decoding.js';
import { type SchemaRegistry, WriterSchemas } from './writer-schemas.js';

/** A decoder that has to know schemas before it decodes. */
export interface RegistryEventDecoder {
  /** Looks up the schemas of these messages that are not known yet; to be awaited before they are decoded. */
  prepare(messages: Iterable<Uint8Array>): Promise<void>;
  readonly decode: EventDecoder;
}

/** One click event in the Confluent wire format; `schemaId` is that of schemas/click-event.avsc in the registry. */
export function encodeConfluentEvent(event: ClickEvent, schemaId: number): Buffer {
  return frame(schemaId, encodeAvroEvent(event));
}

/**
 * Decodes Avro events in the Confluent wire format: each is read by its writer's schema and resolved to ours, so that old
 * and new writers may share a topic. A schema that is not in the registry, or does not resolve, makes a bad record.
 */
export function createConfluentEventDecoder(
  { domain, maxBytes }: EventDecoderOptions,
  registry: SchemaRegistry,
): RegistryEventDecoder {
  const schemas = new WriterSchemas(registry);
  return {
    async prepare(messages) {
      schemas.trim();
      for (const bytes of messages) {
        const id = readSchemaId(bytes);
        if (id !== null && bytes.length <= maxBytes && !schemas.isKnown(id)) await schemas.learn(id);
      }
    },

    decode(bytes, headerDomain) {
      if (bytes.length > maxBytes) {
        return badRecord('DADIN_RECORD_TOO_LARGE', `${bytes.length} bytes, at most ${maxBytes} are allowed`, bytes);
      }
      const schemaId = readSchemaId(bytes);
      if (schemaId === null) {
        return badRecord('DADIN_RECORD_MALFORMED', 'no schema id stands before the event', bytes);
      }
      const schema = schemas.get(schemaId);
      if (typeof schema === 'string') return named(badRecord('DADIN_RECORD_SCHEMA', schema, bytes), schemaId);
      const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      let wire: WireEvent;
      try {
        const end = schema.guard(buffer, FRAME_BYTES, buffer.length);
        if (end < buffer.length) throw new AvroViolation(`${buffer.length - end} bytes follow the event`);
        wire = CLICK_EVENT_TYPE.fromBuffer(buffer.subarray(FRAME_BYTES), schema.resolver) as WireEvent;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return named(badRecord('DADIN_RECORD_MALFORMED', reason, bytes), schemaId);
      }
      return named(toClickEvent(wire, domain, headerDomain, bytes), schemaId);
    },
  };
}

/** Records say by which schema they were written. */
function named(decoded: Decoded<ClickEvent>, schemaId: number): Decoded<ClickEvent> {
  if (!decoded.ok) return { ok: false, bad: { ...decoded.bad, schemaId } };
  // nobody else has the event yet, and a copy costs as much as decoding
  Object.assign(decoded.value, { schemaId });
  return decoded;
}
