import type { RecordReader } from './row-mapper.js';

/** The files of one entry read one after the other, as one log. */
export class LogReader<T> implements RecordReader<T> {
  readonly expectedRecords = null;
  readonly #files: readonly string[];
  readonly #open: (file: string) => Promise<RecordReader<T>>;
  #next = 0;
  #reader: RecordReader<T> | null = null;

  constructor(files: readonly string[], open: (file: string) => Promise<RecordReader<T>>) {
    this.#files = files;
    this.#open = open;
  }

  async read(max: number, row: number, out: T[]): Promise<boolean> {
    const before = out.length;
    for (;;) {
      const reader = await this.#current();
      if (reader === null) return false;
      const taken = out.length - before;
      const more = await reader.read(max - taken, row + taken, out);
      if (more) return true;
      await this.#closeCurrent();
      if (out.length - before === max) return this.#next < this.#files.length;
    }
  }

  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count) {
      const reader = await this.#current();
      if (reader === null) break;
      const wanted = count - skipped;
      const passed = await reader.skip(wanted);
      skipped += passed;
      if (passed < wanted) await this.#closeCurrent();
    }
    return skipped;
  }

  async close(): Promise<void> {
    this.#next = this.#files.length;
    await this.#closeCurrent();
  }

  async #current(): Promise<RecordReader<T> | null> {
    if (this.#reader === null && this.#next < this.#files.length) {
      this.#reader = await this.#open(this.#files[this.#next]!);
      this.#next++;
    }
    return this.#reader;
  }

  async #closeCurrent(): Promise<void> {
    const reader = this.#reader;
    this.#reader = null;
    await reader?.close();
  }
}
