export { createAvroEventDecoder, encodeAvroEvent, readAvroEvent, writeAvroEvent } from './avro-events.js';
export { type AvroGuard, AvroViolation, compileAvroGuard } from './avro-guard.js';
export type { EventDecoder, EventDecoderOptions } from './event-decoding.js';
export { createJsonEventDecoder, encodeJsonEvent } from './json-events.js';
