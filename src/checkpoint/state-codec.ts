import { DadinError, type StateValue } from '../core/index.js';

/**
 * `state.bin`: u64 little-endian length of the JSON, the JSON (UTF-8), then the raw little-endian bytes of every typed
 * array, each at a multiple of 8. In the JSON a typed array is `{"$": [type, offset, count]}`, a bigint `{"$n": "123"}`,
 * a number that JSON cannot hold `{"$f": "NaN" | "Infinity" | "-Infinity" | "-0"}`. Keys that begin with `$` are reserved.
 * Same value, same bytes: keys keep their order.
 */
const ARRAY_TYPES = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;
type ArrayType = keyof typeof ARRAY_TYPES;
type TypedArray = InstanceType<(typeof ARRAY_TYPES)[ArrayType]>;

/** No state of ours nests deeper; a file that does is not ours. */
const MAX_DEPTH = 64;

function typeOf(array: TypedArray): ArrayType {
  for (const type of Object.keys(ARRAY_TYPES) as ArrayType[]) if (array.constructor === ARRAY_TYPES[type]) return type;
  throw new TypeError(`typed array ${array.constructor.name} has no place in a snapshot`);
}

export function encodeState(value: StateValue): Buffer {
  const blobs: TypedArray[] = [];
  let blobBytes = 0;
  const plain = (v: StateValue): unknown => {
    if (v === null || typeof v === 'boolean' || typeof v === 'string') return v;
    if (typeof v === 'bigint') return { $n: String(v) };
    if (typeof v === 'number') {
      if (!Number.isFinite(v)) return { $f: String(v) };
      return Object.is(v, -0) ? { $f: '-0' } : v;
    }
    if (ArrayBuffer.isView(v)) {
      const array = v as TypedArray;
      const offset = blobBytes;
      blobs.push(array);
      blobBytes += Math.ceil(array.byteLength / 8) * 8;
      return { $: [typeOf(array), offset, array.length] };
    }
    if (Array.isArray(v)) return v.map(plain);
    const out: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(v)) {
      if (key.startsWith('$')) throw new TypeError(`key ${key} is reserved in a snapshot`);
      out[key] = plain(member);
    }
    return out;
  };
  const json = Buffer.from(JSON.stringify(plain(value)), 'utf8');
  const jsonPadding = (8 - (json.length % 8)) % 8;
  const bytes = Buffer.alloc(8 + json.length + jsonPadding + blobBytes, 0x20);
  bytes.writeBigUInt64LE(BigInt(json.length + jsonPadding), 0);
  json.copy(bytes, 8);
  let at = 8 + json.length + jsonPadding;
  bytes.fill(0, at);
  for (const blob of blobs) {
    Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).copy(bytes, at);
    at += Math.ceil(blob.byteLength / 8) * 8;
  }
  return bytes;
}

export function decodeState(bytes: Uint8Array): StateValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 8) throw unreadable(`${bytes.byteLength} bytes`, 'at least 8');
  const jsonLength = Number(view.getBigUint64(0, true));
  if (jsonLength > bytes.byteLength - 8)
    throw unreadable(`JSON of ${jsonLength} bytes`, `at most ${bytes.byteLength - 8}`);
  const blobStart = 8 + jsonLength;
  const revive = (v: unknown, depth: number): StateValue => {
    if (depth > MAX_DEPTH) throw unreadable(`nesting beyond ${MAX_DEPTH}`, 'a state written by dadin-stream');
    if (v === null || typeof v !== 'object') return v as StateValue;
    if (Array.isArray(v)) return v.map((member) => revive(member, depth + 1));
    const record = v as Record<string, unknown>;
    if (typeof record['$n'] === 'string') return BigInt(record['$n']);
    if (typeof record['$f'] === 'string') return Number(record['$f']);
    if (Array.isArray(record['$'])) return blob(record['$'] as unknown[]);
    return Object.fromEntries(Object.entries(record).map(([key, member]) => [key, revive(member, depth + 1)]));
  };
  const blob = ([type, offset, count]: unknown[]): StateValue => {
    const ArrayOf = ARRAY_TYPES[type as ArrayType];
    if (ArrayOf === undefined || typeof offset !== 'number' || typeof count !== 'number') {
      throw unreadable(`array reference ${JSON.stringify([type, offset, count])}`, '[type, offset, count]');
    }
    const start = blobStart + offset;
    const end = start + count * ArrayOf.BYTES_PER_ELEMENT;
    if (!(offset >= 0 && count >= 0 && end <= bytes.byteLength))
      throw unreadable(`array up to byte ${end}`, `${bytes.byteLength} bytes`);
    return new ArrayOf(new Uint8Array(bytes.subarray(start, end)).buffer);
  };
  try {
    return revive(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + 8, jsonLength).toString('utf8')), 0);
  } catch (cause) {
    if (cause instanceof DadinError) throw cause;
    throw new DadinError('DADIN_CHECKPOINT_UNREADABLE', 'the state cannot be parsed', { step: 'restore', cause });
  }
}

function unreadable(got: string, expected: string): DadinError {
  return new DadinError('DADIN_CHECKPOINT_UNREADABLE', 'the state is damaged', { step: 'restore', got, expected });
}
