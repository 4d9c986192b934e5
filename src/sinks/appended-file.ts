import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DadinError } from '../core/index.js';

/** Text gathered before it is written, characters. */
const BUFFER_CHARACTERS = 1 << 16;

/**
 * A text file that only grows and knows its length. A checkpoint keeps the length; resuming truncates the file to it, so
 * that what is written again after a crash stands there once.
 */
export class AppendedFile {
  readonly #path: string;
  readonly #descriptor: number;
  #buffer = '';
  #bytes = 0;

  /** Opens or creates `path`; keeps its first `keepBytes` bytes. */
  constructor(path: string, keepBytes: number) {
    this.#path = path;
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.#descriptor = openSync(path, keepBytes > 0 ? 'r+' : 'w');
      const has = fstatSync(this.#descriptor).size;
      if (has < keepBytes) {
        throw new DadinError('DADIN_SINK_WRITE', `${path} is shorter than its checkpoint says`, {
          step: 'restore',
          got: `${has} bytes`,
          expected: `at least ${keepBytes} bytes`,
          remedy: 'put the file back, or give another path to start a new one',
        });
      }
      ftruncateSync(this.#descriptor, keepBytes);
      this.#bytes = keepBytes;
    } catch (cause) {
      throw cause instanceof DadinError ? cause : this.#failed(cause);
    }
  }

  write(text: string): void {
    this.#buffer += text;
    if (this.#buffer.length >= BUFFER_CHARACTERS) this.flush();
  }

  flush(): void {
    const bytes = Buffer.from(this.#buffer, 'utf8');
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.#descriptor, bytes, at, bytes.length - at, this.#bytes + at);
    } catch (cause) {
      throw this.#failed(cause);
    }
    this.#bytes += bytes.length;
    this.#buffer = '';
  }

  /** Length with everything written so far, which is on the disk then: a checkpoint may rely on it. */
  length(): number {
    this.flush();
    try {
      fsyncSync(this.#descriptor);
    } catch (cause) {
      throw this.#failed(cause);
    }
    return this.#bytes;
  }

  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.#descriptor);
    }
  }

  #failed(cause: unknown): DadinError {
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    return new DadinError('DADIN_SINK_WRITE', full ? `the disk is full: ${this.#path}` : `cannot write ${this.#path}`, {
      step: 'publish',
      remedy: 'free space or choose another path, then resume from the last checkpoint',
      retryable: true,
      cause,
    });
  }
}
