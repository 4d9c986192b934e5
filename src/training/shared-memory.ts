import type { SliceMemory } from './slice-cutter.js';

const FIRST_BYTES = 1 << 20;

/** Arrays that other threads see, handed out one after the other until `reset` takes them all back. */
export class SharedMemory implements SliceMemory {
  #buffer = new SharedArrayBuffer(FIRST_BYTES);
  #bytes = 0;

  /** The caller has no more use for what was handed out. */
  reset(): void {
    this.#bytes = 0;
  }

  ints(length: number): Int32Array {
    const start = this.#take(4 * length);
    return new Int32Array(this.#buffer, start, length);
  }

  floats(length: number): Float32Array {
    const start = this.#take(4 * length);
    return new Float32Array(this.#buffer, start, length);
  }

  doubles(length: number): Float64Array {
    const start = this.#take(8 * length);
    return new Float64Array(this.#buffer, start, length);
  }

  #take(bytes: number): number {
    if (this.#bytes + bytes > this.#buffer.byteLength) {
      // arrays in the buffer that is left behind stay good
      this.#buffer = new SharedArrayBuffer(2 * Math.max(this.#buffer.byteLength, bytes));
      this.#bytes = 0;
    }
    const start = this.#bytes;
    this.#bytes += 8 * Math.ceil(bytes / 8);
    return start;
  }
}
