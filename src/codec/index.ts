export { createAvroEventDecoder, encodeAvroEvent, readAvroEvent, writeAvroEvent } from './avro-events.js';
export { type AvroGuard, AvroViolation, compileAvroGuard } from './avro-guard.js';
export { CLICK_EVENT_SCHEMA } from './click-event-schema.js';
export { createConfluentEventDecoder, encodeConfluentEvent, type RegistryEventDecoder } from './confluent-events.js';
export type { EventDecoder, EventDecoderOptions } from './event-decoding.js';
export { createJsonEventDecoder, encodeJsonEvent } from './json-events.js';
export type { RegisteredSchema, SchemaRegistry } from './writer-schemas.js';
