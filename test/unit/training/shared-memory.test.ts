import { expect, it } from 'vitest';
import { SharedMemory } from '../../../src/training/shared-memory.js';

it('hands out arrays of shared memory that do not overlap, whatever their sizes, and again after a reset', () => {
  const memory = new SharedMemory();
  for (let round = 0; round < 2; round++) {
    memory.reset();
    const arrays = [3, 0, 200_000, 7, 300_000, 1, 5_000_000, 2].flatMap((length, i) => [
      memory.ints(length).fill(3 * i),
      memory.floats(length).fill(3 * i + 1),
      memory.doubles(length).fill(3 * i + 2),
    ]);
    for (const [i, array] of arrays.entries()) {
      expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(array.every((x) => x === i)).toBe(true);
    }
    expect(arrays[6]).toHaveLength(200_000);
  }
});
