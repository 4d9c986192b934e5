import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { unreadable } from './file-errors.js';

const CHUNK_BYTES = 262_144;

/** The bytes of a file in chunks, decompressed where it is gzipped (told by its first bytes, not by its name). */
export interface ByteChunks {
  /** The next bytes, never empty; null at the end. */
  next(): Promise<Buffer | null>;
  /** After the end: the compressed stream broke off, so the last bytes are missing. */
  readonly truncated: boolean;
  close(): Promise<void>;
}

/** @throws DadinError DADIN_SOURCE_UNREADABLE */
export async function openByteChunks(path: string): Promise<ByteChunks> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    const magic = Buffer.alloc(2);
    await file.read(magic, 0, 2, 0);
    const plain = new PlainChunks(file, path);
    return magic[0] === 0x1f && magic[1] === 0x8b ? new GzipChunks(plain, path) : plain;
  } catch (cause) {
    await file?.close();
    throw unreadable(path, cause);
  }
}

class PlainChunks implements ByteChunks {
  readonly truncated = false;
  readonly #file: FileHandle;
  readonly #path: string;
  #position = 0;

  constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  async next(): Promise<Buffer | null> {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let bytesRead: number;
    try {
      ({ bytesRead } = await this.#file.read(chunk, 0, CHUNK_BYTES, this.#position));
    } catch (cause) {
      throw unreadable(this.#path, cause);
    }
    this.#position += bytesRead;
    return bytesRead === 0 ? null : chunk.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Feeds a Gunzip by hand: piped streams drop what they had decompressed when the file breaks off, and those records are
 * good.
 */
class GzipChunks implements ByteChunks {
  truncated = false;
  readonly #compressed: ByteChunks;
  readonly #path: string;
  readonly #gunzip: Gunzip;
  readonly #ready: Buffer[] = [];
  #failure: NodeJS.ErrnoException | null = null;
  #ended = false;

  constructor(compressed: ByteChunks, path: string) {
    this.#compressed = compressed;
    this.#path = path;
    this.#gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    this.#gunzip.on('data', (chunk: Buffer) => this.#ready.push(chunk));
    this.#gunzip.on('error', (error) => {
      this.#failure = error;
    });
  }

  async next(): Promise<Buffer | null> {
    while (this.#ready.length === 0 && !this.#ended) {
      const chunk = await this.#compressed.next();
      if (chunk === null) {
        this.#ended = true;
        // Its call-back comes before the last bytes are looked at; `end` and `error` come after.
        await this.#settled(() => this.#gunzip.end());
      } else {
        await this.#settled((done) => this.#gunzip.write(chunk, done));
      }
      const failure = this.#failure as NodeJS.ErrnoException | null;
      if (failure === null) continue;
      this.#ended = true;
      this.truncated = failure.code === 'Z_BUF_ERROR';
      if (!this.truncated) throw unreadable(this.#path, failure, 'the compressed file is damaged: copy it again');
    }
    return this.#ready.shift() ?? null;
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.#compressed.close();
  }

  /** Resolves when the stream has taken the input in, has ended, or has failed. */
  #settled(feed: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#gunzip.off('error', done);
        this.#gunzip.off('end', done);
        resolve();
      };
      this.#gunzip.once('error', done);
      this.#gunzip.once('end', done);
      feed(done);
    });
  }
}
