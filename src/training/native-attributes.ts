import type { NativeAttribute, NativeBinding } from './native-binding.js';

/** The attribute lists that TensorFlow's operations want, made once. */
export function nativeAttributes(tf: NativeBinding) {
  const type = (name: string, value: number): NativeAttribute => ({ name, type: tf.TF_ATTR_TYPE, value });
  const flag = (name: string, value: boolean): NativeAttribute => ({ name, type: tf.TF_ATTR_BOOL, value });
  const int = (name: string, value: number): NativeAttribute => ({ name, type: tf.TF_ATTR_INT, value });
  const float = [type('T', tf.TF_FLOAT)];
  const matmul = (a: boolean, b: boolean) => [flag('transpose_a', a), flag('transpose_b', b), ...float];
  const sparse = (adjoint: boolean) => [
    ...float,
    type('Tindices', tf.TF_INT32),
    flag('adjoint_a', adjoint),
    flag('adjoint_b', false),
  ];
  return {
    /** Elementwise, one type. */
    float,
    /** By transposeA, then transposeB. */
    matmul: [
      [matmul(false, false), matmul(false, true)],
      [matmul(true, false), matmul(true, true)],
    ],
    /** By adjoint. */
    sparse: [sparse(false), sparse(true)],
    reduce: [flag('keep_dims', true), ...float, type('Tidx', tf.TF_INT32)],
    reshape: [...float, type('Tshape', tf.TF_INT32)],
    slice: [...float, type('Index', tf.TF_INT32)],
    pad: [...float, type('Tpaddings', tf.TF_INT32)],
    gather: [
      type('Tparams', tf.TF_FLOAT),
      type('Tindices', tf.TF_INT32),
      type('Taxis', tf.TF_INT32),
      int('batch_dims', 0),
    ],
    segment: [...float, type('Tindices', tf.TF_INT32), type('Tnumsegments', tf.TF_INT32)],
    /** AddN of so many. */
    sum: (parts: number) => [int('N', parts), ...float],
    concat: (parts: number) => [int('N', parts), ...float, type('Tidx', tf.TF_INT32)],
  } as const;
}
