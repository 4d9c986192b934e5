const MAGIC = 0;
/** Magic byte and schema id. */
export const FRAME_BYTES = 5;

/** Id of the writer's schema (Confluent wire format: 0x00, int32 big endian, body); null where the bytes are not framed. */
export function readSchemaId(bytes: Uint8Array): number | null {
  if (bytes.length < FRAME_BYTES || bytes[0] !== MAGIC) return null;
  return new DataView(bytes.buffer, bytes.byteOffset, FRAME_BYTES).getInt32(1);
}

/** `body` with the id of its schema before it. */
export function frame(schemaId: number, body: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(FRAME_BYTES + body.length);
  framed[0] = MAGIC;
  framed.writeInt32BE(schemaId, 1);
  framed.set(body, FRAME_BYTES);
  return framed;
}
