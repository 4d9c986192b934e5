import { DadinError, type FloatArray } from '../core/index.js';

const PAGE_BYTES = 65_536;
/** 2 GiB, as the kernel is compiled: addresses stay within a signed 32-bit integer. */
const MAX_PAGES = 32_768;
/** Nothing lies at address 0, which the kernel takes for "none". */
const FIRST_BYTE = 1024;
/** The kernel's vector loads may reach this far past a matrix. */
const SLACK_BYTES = 64;

/** Bytes handed out one after the other from one linear memory, and taken back by setting `top` to where it was. */
export class Arena {
  /** Shared: views of it stay good when it grows. */
  readonly memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES, shared: true });
  /** The whole memory; a longer view after each growth, so do not keep it across `allocate`. */
  floats = new Float32Array(this.memory.buffer);
  ints = new Int32Array(this.memory.buffer);
  /** Address of the first free byte, a multiple of 16. */
  top = FIRST_BYTE;
  /** What the memory was called: another name after each growth, of any shared memory in this thread. */
  readonly #buffers: ArrayBufferLike[] = [this.memory.buffer];

  /** Whether an array lies in this memory; its address is its `byteOffset`. */
  owns(array: FloatArray): boolean {
    // most arrays begin their own buffer, and asking for that is slow
    return array.byteOffset >= FIRST_BYTE && this.#buffers.includes(array.buffer);
  }

  /** Address of `bytes` fresh bytes, a multiple of 16; their content is arbitrary. */
  allocate(bytes: number): number {
    const pointer = this.top;
    const end = pointer + 16 * Math.ceil(bytes / 16);
    if (end + SLACK_BYTES > this.floats.byteLength) this.#grow(end + SLACK_BYTES);
    this.top = end;
    return pointer;
  }

  /** The floats at an address, an array that this memory `owns`. */
  view(pointer: number, length: number): Float32Array {
    const { buffer } = this.memory;
    if (!this.#buffers.includes(buffer)) this.#buffers.push(buffer);
    return new Float32Array(buffer, pointer, length);
  }

  #grow(bytes: number): void {
    const pages = this.memory.buffer.byteLength / PAGE_BYTES;
    const needed = Math.ceil(bytes / PAGE_BYTES);
    if (needed > MAX_PAGES) {
      throw new DadinError('DADIN_LEARNER_FAILED', 'a step does not fit the kernel’s memory', {
        step: 'kernel',
        got: `${bytes} bytes`,
        expected: `at most ${MAX_PAGES * PAGE_BYTES} bytes`,
        remedy: 'use a smaller batch or shorter histories',
      });
    }
    this.memory.grow(Math.min(Math.max(needed, 2 * pages), MAX_PAGES) - pages);
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
  }
}
