import { isUtf8 } from 'node:buffer';
import avro from 'avsc';

/** Why bytes are not a value of their schema that may be decoded. */
export class AvroViolation extends Error {}

export interface AvroLimits {
  readonly maxStringBytes: number;
  /** Items of one array or entries of one map. */
  readonly maxItems: number;
}

/** Walks one value that starts at `from` and must end by `end`; returns its end, or throws AvroViolation. */
export type AvroGuard = (bytes: Buffer, from: number, end: number) => number;

const MAX_DEPTH = 64;

interface Cursor {
  bytes: Buffer;
  at: number;
  end: number;
  depth: number;
}

type Step = (cursor: Cursor) => void;

/**
 * Compiles a walk over the encoded bytes that is run before avsc decodes them: avsc believes array counts (5 bytes can
 * cost 240 MB), makes U+FFFD of invalid UTF-8 without a word, and does not limit strings.
 */
export function compileAvroGuard(type: avro.Type, limits: AvroLimits): AvroGuard {
  const step = compile(type, limits, new Map());
  const cursor: Cursor = { bytes: Buffer.alloc(0), at: 0, end: 0, depth: 0 };
  return (bytes, from, end) => {
    cursor.bytes = bytes;
    cursor.at = from;
    cursor.end = end;
    cursor.depth = 0;
    step(cursor);
    return cursor.at;
  };
}

function compile(type: avro.Type, limits: AvroLimits, records: Map<avro.Type, Step>): Step {
  const { types } = avro;
  if (type instanceof types.NullType) return () => {};
  if (type instanceof types.BooleanType) return (cursor) => skip(cursor, 1);
  if (type instanceof types.IntType || type instanceof types.LongType) return (cursor) => void readLong(cursor);
  if (type instanceof types.FloatType) return (cursor) => skip(cursor, 4);
  if (type instanceof types.DoubleType) return (cursor) => skip(cursor, 8);
  if (type instanceof types.StringType) return (cursor) => text(cursor, limits.maxStringBytes);
  if (type instanceof types.BytesType) return (cursor) => skip(cursor, length(cursor, limits.maxStringBytes));
  if (type instanceof types.FixedType) return (cursor) => skip(cursor, type.size);
  if (type instanceof types.EnumType) return (cursor) => void index(cursor, type.symbols.length);
  if (type instanceof types.ArrayType) return blocks(compile(type.itemsType, limits, records), limits.maxItems);
  if (type instanceof types.MapType) {
    const value = compile(type.valuesType, limits, records);
    return blocks((cursor) => {
      text(cursor, limits.maxStringBytes);
      value(cursor);
    }, limits.maxItems);
  }
  if (type instanceof types.UnwrappedUnionType || type instanceof types.WrappedUnionType) {
    const branches = type.types.map((branch) => compile(branch, limits, records));
    return (cursor) => branches[index(cursor, branches.length)]!(cursor);
  }
  if (type instanceof types.RecordType) return record(type, limits, records);
  throw new AvroViolation(`the Avro type ${type.typeName} is not supported`);
}

/** Types may be recursive: a record's step is known by its type before its fields are compiled. */
function record(type: avro.types.RecordType, limits: AvroLimits, records: Map<avro.Type, Step>): Step {
  const known = records.get(type);
  if (known !== undefined) return known;
  const fields: Step[] = [];
  const step: Step = (cursor) => {
    if (++cursor.depth > MAX_DEPTH) throw new AvroViolation('the value is nested too deeply');
    for (const field of fields) field(cursor);
    cursor.depth--;
  };
  records.set(type, step);
  for (const field of type.fields) fields.push(compile(field.type, limits, records));
  return step;
}

function blocks(item: Step, maxItems: number): Step {
  return (cursor) => {
    let total = 0;
    for (;;) {
      let count = readLong(cursor);
      if (count === 0) return;
      if (count < 0) {
        count = -count;
        readLong(cursor);
      }
      total += count;
      if (total > maxItems) throw new AvroViolation(`a list of more than ${maxItems} items`);
      for (let i = 0; i < count; i++) item(cursor);
    }
  };
}

function text(cursor: Cursor, maxBytes: number): void {
  const size = length(cursor, maxBytes);
  const from = cursor.at;
  skip(cursor, size);
  const { bytes, at } = cursor;
  for (let i = from; i < at; i++) {
    if (bytes[i]! < 128) continue;
    if (!isUtf8(bytes.subarray(from, at))) throw new AvroViolation('a string is not UTF-8');
    return;
  }
}

function length(cursor: Cursor, maxBytes: number): number {
  const size = readLong(cursor);
  if (size < 0 || size > maxBytes)
    throw new AvroViolation(`a length of ${size} bytes, at most ${maxBytes} are allowed`);
  return size;
}

function index(cursor: Cursor, count: number): number {
  const value = readLong(cursor);
  if (value < 0 || value >= count) throw new AvroViolation(`branch ${value} of ${count}`);
  return value;
}

function skip(cursor: Cursor, size: number): void {
  cursor.at += size;
  if (cursor.at > cursor.end) throw new AvroViolation('the value ends too early');
}

/** A zigzag varint as a number; exact where it is a safe integer, which counts and lengths are checked to be. */
function readLong(cursor: Cursor): number {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 10; i++) {
    if (cursor.at >= cursor.end) throw new AvroViolation('the value ends too early');
    const byte = cursor.bytes[cursor.at++]!;
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  throw new AvroViolation('an integer of more than 64 bits');
}
