import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, decodeState, encodeSafetensors, encodeState } from '../../../src/checkpoint/index.js';
import type { StateValue } from '../../../src/core/index.js';

const state = fc.letrec<{ value: StateValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string(),
    fc.bigInt(),
    fc.uint8Array(),
    fc.float32Array(),
    fc.float64Array(),
    fc.int32Array(),
    fc.uint32Array(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => !key.startsWith('$') && key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;

describe('state.bin', () => {
  it('gives back what was put in, to the bit', () => {
    fc.assert(
      fc.property(state, (value) => {
        expect(decodeState(encodeState(value))).toEqual(value);
      }),
    );
  });

  it('never throws anything but a coded error on damaged bytes, and never allocates by what they claim', () => {
    const bytes = encodeState({ a: Float32Array.of(1, 2, 3), b: ['x', 1n], c: { d: null } });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = value;
        try {
          decodeState(damaged.subarray(0, length));
        } catch (error) {
          expect(error).toMatchObject({ code: 'DADIN_CHECKPOINT_UNREADABLE' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('safetensors', () => {
  const tensors = [
    { name: 'a', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, Number.NaN) },
    { name: 'ids', shape: [2], data: Float64Array.of(2 ** 52, 7) },
    { name: 'empty', shape: [0, 4], data: new Float32Array(0) },
    { name: 'flags', shape: [3], data: Uint8Array.of(1, 0, 255) },
  ];

  it('has the header of the format and gives back what was put in', () => {
    const bytes = encodeSafetensors(tensors);
    const headerBytes = Number(bytes.readBigUInt64LE(0));
    expect((8 + headerBytes) % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + headerBytes).toString())['a']).toEqual({
      dtype: 'F32',
      shape: [2, 3],
      data_offsets: [0, 24],
    });
    expect(decodeSafetensors(bytes)).toEqual(tensors);
  });

  it('refuses a shape that is not its data, and damaged bytes with a coded error', () => {
    expect(() => encodeSafetensors([{ name: 'x', shape: [2], data: Float32Array.of(1) }])).toThrow(/shape/);
    const bytes = encodeSafetensors(tensors);
    for (const length of [0, 7, 8, 30, bytes.length - 1]) {
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'DADIN_CHECKPOINT_UNREADABLE' }),
      );
    }
  });
});
