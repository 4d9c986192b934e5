import { uncompress } from 'snappy';

/** What Java's SnappyOutputStream begins with: magic, then version and lowest compatible version (int32 each). */
const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const HEADER_BYTES = MAGIC.length + 8;

/**
 * Snappy as it stands in Kafka record batches: a plain block (librdkafka, this client), or xerial's blocks, each with its
 * length before it (Java).
 *
 * @throws Error when a length leads outside the buffer or a block is damaged
 */
export async function uncompressSnappy(bytes: Buffer): Promise<Buffer> {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return await block(bytes);
  const blocks: Promise<Buffer>[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw new Error('a snappy block has no length');
    const size = bytes.readUInt32BE(at);
    at += 4;
    if (at + size > bytes.length) throw new Error('a snappy block ends too early');
    blocks.push(block(bytes.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat(await Promise.all(blocks));
}

async function block(bytes: Buffer): Promise<Buffer> {
  return (await uncompress(bytes, { asBuffer: true })) as Buffer;
}
