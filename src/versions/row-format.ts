import type { NamedTensor } from '../core/index.js';
import { type RowFormat, unreadable } from './manifest.js';

const SCALE = 'scale';
const INT8_MAX = 127;
const HALF_MAX = 65504;

/**
 * Rows [n, d] as the tensors that are written: themselves, IEEE halves (nearest, ties to even, beyond +-65504 that), or whole
 * numbers from -127 to 127 with a factor of each row in `NAME.scale` F32 [n].
 */
export function packRows(rows: NamedTensor, format: RowFormat): NamedTensor[] {
  const data = rows.data as Float32Array;
  if (format === 'float32') return [rows];
  if (format === 'float16') return [{ ...rows, data: Uint16Array.from(data, halfOf) }];
  const [n, width] = rows.shape as [number, number];
  const whole = new Int8Array(data.length);
  const scales = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    let largest = 0;
    for (let k = i * width; k < (i + 1) * width; k++) largest = Math.max(largest, Math.abs(data[k]!));
    const scale = Math.fround(largest / INT8_MAX);
    scales[i] = scale;
    if (scale === 0) continue;
    for (let k = i * width; k < (i + 1) * width; k++) {
      whole[k] = Math.max(-INT8_MAX, Math.min(INT8_MAX, Math.round(data[k]! / scale)));
    }
  }
  return [
    { ...rows, data: whole },
    { name: `${rows.name}.${SCALE}`, shape: [n], data: scales },
  ];
}

/** Back to F32 [n, d]. `take` gives a tensor of n rows by its name. */
export function unpackRows(name: string, format: RowFormat, take: (name: string) => NamedTensor): NamedTensor {
  const rows = take(name);
  const { data } = rows;
  if (format === 'float32' && data instanceof Float32Array) return rows;
  if (format === 'float16' && data instanceof Uint16Array) {
    const table = halves();
    return { ...rows, data: Float32Array.from(data, (bits) => table[bits]!) };
  }
  if (format === 'int8' && data instanceof Int8Array) {
    const scales = take(`${name}.${SCALE}`).data;
    const width = rows.shape[1] ?? 1;
    const values = new Float32Array(data.length);
    for (let i = 0; i < scales.length; i++) {
      for (let k = i * width; k < (i + 1) * width; k++) values[k] = data[k]! * scales[i]!;
    }
    return { ...rows, data: values };
  }
  throw unreadable(`the version's ${name} is not of ${format} rows`, { got: data.constructor.name });
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Bits of the nearest half; of two equally near, the even one. */
function halfOf(value: number): number {
  float[0] = Math.max(-HALF_MAX, Math.min(HALF_MAX, value));
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = Math.abs(float[0]!);
  // halves below 2^-14 are multiples of 2^-24
  if (magnitude < 2 ** -14) return sign | evenRound(magnitude * 2 ** 24);
  const exponent = (bits[0]! >>> 23) & 0xff;
  // a mantissa rounded up to 1024 carries into the exponent, as it should
  return sign | (((exponent - 112) << 10) + evenRound((bits[0]! & 0x7fffff) / 2 ** 13));
}

function evenRound(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

let halfValues: Float32Array | null = null;

/** The value of each of the 65 536 halves. */
function halves(): Float32Array {
  halfValues ??= Float32Array.from({ length: 0x10000 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const [exponent, mantissa] = [(half >>> 10) & 0x1f, half & 0x3ff];
    if (exponent === 0) return sign * mantissa * 2 ** -24;
    if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
  });
  return halfValues;
}
