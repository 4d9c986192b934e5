import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClickEvent, DadinError, type Decoded } from '../../core/index.js';
import { ENTRY_HEADER_BYTES } from './sort-buffer.js';
import { readRecord } from './stored-record.js';

const WRITE_BYTES = 262_144;

/** A temporary file of sorted entries, written once, then read once. */
export class SpilledRun {
  readonly #file: FileHandle;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #written = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws DadinError DADIN_SOURCE_UNREADABLE when the directory cannot be written to */
  static async create(directory: string): Promise<SpilledRun> {
    return spilling(directory, async () => {
      const path = join(directory, `dadin-sort-${randomUUID()}`);
      const file = await open(path, 'wx+');
      // The name goes at once: the space is given back however the process ends.
      await unlink(path);
      return new SpilledRun(file);
    });
  }

  /** The entry's bytes must not change before the next `flush`. True when one is due. */
  append(entry: Buffer): boolean {
    this.#pending.push(entry);
    this.#pendingBytes += entry.length;
    return this.#pendingBytes >= WRITE_BYTES;
  }

  async flush(): Promise<void> {
    const block = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    await spilling('the temporary directory', async () => {
      for (let at = 0; at < block.length; ) {
        const { bytesWritten } = await this.#file.write(block, at, block.length - at, this.#written);
        at += bytesWritten;
        this.#written += bytesWritten;
      }
    });
  }

  reader(bufferBytes: number): RunReader {
    return new RunReader(this.#file, this.#written, bufferBytes);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Reads a run from its start: `time`, `row`, `entry` and `record` are the current entry's. */
export class RunReader {
  time = Number.NaN;
  row = Number.NaN;
  readonly #file: FileHandle;
  readonly #length: number;
  readonly #bufferBytes: number;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #at = 0;
  #position = 0;

  constructor(file: FileHandle, length: number, bufferBytes: number) {
    this.#file = file;
    this.#length = length;
    this.#bufferBytes = bufferBytes;
  }

  /** Its bytes with the header; they stay valid. */
  get entry(): Buffer {
    return this.#buffer.subarray(this.#start, this.#at);
  }

  record(): Decoded<ClickEvent> {
    return readRecord(this.#buffer, this.#start + ENTRY_HEADER_BYTES, this.#at);
  }

  /** Goes to the next entry if it is in memory; else `fill` must be awaited, or the run has ended. */
  advance(): boolean {
    const rest = this.#buffer.length - this.#at;
    if (rest < ENTRY_HEADER_BYTES) return false;
    const size = ENTRY_HEADER_BYTES + this.#buffer.readUInt32LE(this.#at);
    if (rest < size) return false;
    this.time = this.#buffer.readDoubleLE(this.#at + 4);
    this.row = this.#buffer.readDoubleLE(this.#at + 12);
    this.#start = this.#at;
    this.#at += size;
    return true;
  }

  /** Reads on so that `advance` can go on; false at the end. */
  async fill(): Promise<boolean> {
    const rest = this.#buffer.subarray(this.#at);
    if (rest.length === 0 && this.#position >= this.#length) return false;
    const needed = rest.length >= ENTRY_HEADER_BYTES ? ENTRY_HEADER_BYTES + rest.readUInt32LE(0) : ENTRY_HEADER_BYTES;
    const left = this.#length - this.#position;
    const buffer = Buffer.allocUnsafeSlow(
      rest.length + Math.min(left, Math.max(this.#bufferBytes, needed - rest.length)),
    );
    rest.copy(buffer);
    await spilling('the temporary directory', async () => {
      for (let at = rest.length; at < buffer.length; ) {
        const { bytesRead } = await this.#file.read(buffer, at, buffer.length - at, this.#position);
        if (bytesRead === 0) throw new Error('a temporary file became shorter');
        at += bytesRead;
        this.#position += bytesRead;
      }
    });
    this.#buffer = buffer;
    this.#at = 0;
    return true;
  }
}

async function spilling<T>(where: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DadinError('DADIN_SOURCE_UNREADABLE', `sorting by event time failed in ${where}: ${reason}`, {
      step: 'read',
      cause,
      remedy: 'give a temporary directory with space for the log, raise sortMemoryBytes, or sort the files beforehand',
    });
  }
}
