import { DadinError, type NamedTensor } from '../core/index.js';

/**
 * The safetensors format: u64 little-endian length of a JSON header, the header (name -> dtype, shape, data_offsets),
 * then the raw little-endian bytes. Readable with any safetensors library. Tensors are written in the order given; the
 * header is padded with spaces to a multiple of 8, so that data is aligned.
 */
const DTYPES = {
  F32: Float32Array,
  F64: Float64Array,
  /** JavaScript has no halves: their bits. */
  F16: Uint16Array,
  I32: Int32Array,
  I8: Int8Array,
  U32: Uint32Array,
  U8: Uint8Array,
} as const;
type Dtype = keyof typeof DTYPES;

/** The reference library refuses larger headers. */
const MAX_HEADER_BYTES = 100_000_000;

interface HeaderEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function dtypeOf(tensor: NamedTensor): Dtype {
  for (const dtype of Object.keys(DTYPES) as Dtype[]) if (tensor.data.constructor === DTYPES[dtype]) return dtype;
  throw new TypeError(`tensor ${tensor.name} has an unknown element type`);
}

export function encodeSafetensors(tensors: readonly NamedTensor[]): Buffer {
  const header: Record<string, HeaderEntry> = {};
  let at = 0;
  for (const tensor of tensors) {
    const count = tensor.shape.reduce((product, n) => product * n, 1);
    if (count !== tensor.data.length)
      throw new RangeError(`tensor ${tensor.name}: shape [${tensor.shape}] is not ${tensor.data.length} values`);
    if (tensor.name in header) throw new RangeError(`two tensors are named ${tensor.name}`);
    header[tensor.name] = {
      dtype: dtypeOf(tensor),
      shape: tensor.shape,
      data_offsets: [at, at + tensor.data.byteLength],
    };
    at += tensor.data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const padding = (8 - (json.length % 8)) % 8;
  const bytes = Buffer.alloc(8 + json.length + padding + at, 0x20);
  bytes.writeBigUInt64LE(BigInt(json.length + padding), 0);
  json.copy(bytes, 8);
  let offset = 8 + json.length + padding;
  for (const { data } of tensors) {
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).copy(bytes, offset);
    offset += data.byteLength;
  }
  return bytes;
}

export function decodeSafetensors(bytes: Uint8Array): NamedTensor[] {
  if (bytes.byteLength < 8) throw damaged(`${bytes.byteLength} bytes`, 'at least 8');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > Math.min(MAX_HEADER_BYTES, bytes.byteLength - 8))
    throw damaged(`header of ${headerBytes} bytes`, 'a smaller one');
  const start = 8 + headerBytes;
  let header: Record<string, HeaderEntry>;
  try {
    header = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + 8, headerBytes).toString('utf8'));
  } catch (cause) {
    throw new DadinError('DADIN_CHECKPOINT_UNREADABLE', 'the safetensors header cannot be parsed', {
      step: 'restore',
      cause,
    });
  }
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => {
      const ArrayOf = DTYPES[entry.dtype];
      if (ArrayOf === undefined) throw damaged(`dtype ${entry.dtype} of ${name}`, Object.keys(DTYPES).join(', '));
      const [from, to] = entry.data_offsets;
      const count = entry.shape.reduce((product, n) => product * n, 1);
      if (
        !(from >= 0 && to >= from && start + to <= bytes.byteLength && to - from === count * ArrayOf.BYTES_PER_ELEMENT)
      ) {
        throw damaged(
          `bytes ${from} to ${to} for ${name} [${entry.shape}]`,
          `within ${bytes.byteLength - start} bytes`,
        );
      }
      return {
        name,
        shape: entry.shape,
        data: new ArrayOf(new Uint8Array(bytes.subarray(start + from, start + to)).buffer),
      };
    });
}

function damaged(got: string, expected: string): DadinError {
  return new DadinError('DADIN_CHECKPOINT_UNREADABLE', 'the safetensors file is damaged', {
    step: 'restore',
    got,
    expected,
  });
}
