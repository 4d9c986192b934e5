import { constants, inflateRawSync } from 'node:zlib';
import avro from 'avsc';
import { AvroViolation, compileAvroGuard } from '../../codec/index.js';
import type { ByteChunks } from './byte-chunks.js';
import { emptyFile, unreadable } from './file-errors.js';

const MAGIC = Buffer.from('Obj\u0001');
const SYNC_BYTES = 16;
const MAX_HEADER_BYTES = 4_194_304;
const MAX_BLOCK_BYTES = 67_108_864;
const MAX_LONG_BYTES = 10;

const HEADER = avro.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: SYNC_BYTES } },
  ],
});
const HEADER_GUARD = compileAvroGuard(HEADER, { maxStringBytes: MAX_HEADER_BYTES, maxItems: 1000 });
const LONG = avro.Type.forSchema('long');

interface Header {
  readonly meta: Readonly<Record<string, Buffer>>;
  readonly sync: Buffer;
}

/** Records of one block, decompressed. */
export interface AvroBlock {
  readonly count: number;
  readonly data: Buffer;
  /** The file ends inside the block, so its last records are missing. */
  readonly cut: boolean;
}

/**
 * Blocks of an Avro object container file. Read by hand where avsc has a decoder, because that one takes a file that
 * breaks off for one that ends, and does not compare the sync markers.
 */
export class AvroContainer {
  readonly #path: string;
  readonly #chunks: ByteChunks;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #sync: Buffer = Buffer.alloc(0);
  #deflated = false;
  /** The file has ended too early, which was told. */
  #broken = false;

  constructor(path: string, chunks: ByteChunks) {
    this.#path = path;
    this.#chunks = chunks;
  }

  /**
   * The type of the records, from the header; called once, first.
   *
   * @throws DadinError DADIN_SOURCE_EMPTY, DADIN_SOURCE_UNREADABLE
   */
  async readHeader(): Promise<avro.Type> {
    if (!(await this.#has(1))) throw emptyFile(this.#path);
    await this.#has(MAGIC.length);
    if (!this.#buffer.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw unreadable(this.#path, 'it is not an Avro object container');
    }
    const { meta, sync } = await this.#header();
    const codec = meta['avro.codec']?.toString() ?? 'null';
    if (codec !== 'null' && codec !== 'deflate') {
      throw unreadable(this.#path, `its codec is ${codec}`, 'write it with codec null or deflate');
    }
    this.#deflated = codec === 'deflate';
    this.#sync = sync;
    try {
      return avro.Type.forSchema(JSON.parse(meta['avro.schema']?.toString() ?? 'null') as avro.Schema);
    } catch (cause) {
      throw unreadable(this.#path, cause);
    }
  }

  /** The next block that holds records; null at the end. */
  async next(): Promise<AvroBlock | null> {
    if (this.#broken) return null;
    if (!(await this.#has(1))) return this.#chunks.truncated ? this.#brokenOff() : null;
    const count = await this.#long();
    const size = count === null ? null : await this.#long();
    if (count === null || size === null) return this.#brokenOff();
    if (count < 0 || size < 0 || count > MAX_BLOCK_BYTES || size > MAX_BLOCK_BYTES) {
      throw unreadable(
        this.#path,
        `a block of ${count} records in ${size} bytes`,
        'the file is damaged: copy it again',
      );
    }
    const whole = await this.#has(size + SYNC_BYTES);
    const stored = this.#buffer.subarray(this.#at, Math.min(this.#at + size, this.#buffer.length));
    this.#at += stored.length;
    if (whole) {
      if (!this.#buffer.subarray(this.#at, this.#at + SYNC_BYTES).equals(this.#sync)) {
        throw unreadable(this.#path, 'a block does not end where it says', 'the file is damaged: copy it again');
      }
      this.#at += SYNC_BYTES;
    }
    const cut = stored.length < size;
    this.#broken = !whole;
    return { count, data: this.#inflate(stored, cut), cut };
  }

  /** Stands for the records nobody knows of, where the file ends between two blocks' data. */
  #brokenOff(): AvroBlock {
    this.#broken = true;
    return { count: 1, data: Buffer.alloc(0), cut: true };
  }

  close(): Promise<void> {
    return this.#chunks.close();
  }

  async #header(): Promise<Header> {
    for (let size = 4096; ; size *= 2) {
      const whole = !(await this.#has(size));
      try {
        this.#at = HEADER_GUARD(this.#buffer, 0, this.#buffer.length);
        return HEADER.decode(this.#buffer, 0).value as Header;
      } catch (cause) {
        if (!(cause instanceof AvroViolation) || whole || size > MAX_HEADER_BYTES) throw unreadable(this.#path, cause);
      }
    }
  }

  #inflate(stored: Buffer, cut: boolean): Buffer {
    if (!this.#deflated) return stored;
    try {
      return inflateRawSync(stored, {
        maxOutputLength: MAX_BLOCK_BYTES,
        finishFlush: cut ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
      });
    } catch (cause) {
      throw unreadable(this.#path, cause, 'the file is damaged: copy it again');
    }
  }

  /** null when the file ends inside it. */
  async #long(): Promise<number | null> {
    await this.#has(MAX_LONG_BYTES);
    try {
      const { value, offset } = LONG.decode(this.#buffer, this.#at) as { value: number; offset: number };
      if (offset < 0) return null;
      this.#at = offset;
      return value;
    } catch (cause) {
      throw unreadable(this.#path, cause, 'the file is damaged: copy it again');
    }
  }

  /** Reads on until `size` bytes are in memory; false when the file has fewer. */
  async #has(size: number): Promise<boolean> {
    if (this.#buffer.length - this.#at >= size) return true;
    const parts = [this.#buffer.subarray(this.#at)];
    let held = parts[0]!.length;
    let chunk: Buffer | null = null;
    while (held < size) {
      chunk = await this.#chunks.next();
      if (chunk === null) break;
      parts.push(chunk);
      held += chunk.length;
    }
    this.#buffer = Buffer.concat(parts, held);
    this.#at = 0;
    return held >= size;
  }
}
