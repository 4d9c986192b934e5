import { describe, expect, it } from 'vitest';
import { DadinError } from '../../../src/core/index.js';
import { buffersOf, errorFromMessage, errorToMessage } from '../../../src/training/learner-messages.js';

describe('buffersOf', () => {
  it('finds every buffer once, however deep', () => {
    const shared = new Float32Array(4);
    const splits = Int32Array.of(0, 1);
    const buffers = buffersOf({ a: shared, b: [{ c: shared, ragged: { splits } }], n: 3, s: 'x', z: null, i: 5n });
    expect(buffers).toEqual([shared.buffer, splits.buffer]);
  });

  it('leaves views of a part, and empty arrays, where they are', () => {
    const whole = new Float64Array(8);
    expect(buffersOf([whole.subarray(2, 4), new Float32Array(0)])).toEqual([]);
  });
});

describe('a DadinError crosses threads', () => {
  it('with its code, details and the text of its cause', () => {
    const error = new DadinError('DADIN_LEARNER_FAILED', 'out of memory', {
      step: 'train',
      position: 12n,
      got: '3 GiB',
      cause: new RangeError('allocation failed'),
    });
    const back = errorFromMessage(structuredClone(errorToMessage(error)));
    expect(back).toBeInstanceOf(DadinError);
    expect(back.describe()).toBe(error.describe());
    expect(back.details.cause).toContain('allocation failed');
  });
});
