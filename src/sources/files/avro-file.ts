import avro from 'avsc';
import { type AvroGuard, AvroViolation, compileAvroGuard } from '../../codec/index.js';
import { AvroContainer } from './avro-container.js';
import { openByteChunks } from './byte-chunks.js';
import { unreadable } from './file-errors.js';
import { requireColumns } from './header.js';
import { MAX_ORIGINAL_BYTES, type RawRecord, type RecordReader, type RowMapper } from './row-mapper.js';

const MAX_LIST_ITEMS = 100_000;

/**
 * Opens an Avro object container whose records have the mapped columns as fields.
 *
 * @throws DadinError DADIN_SOURCE_UNREADABLE, DADIN_SOURCE_EMPTY, DADIN_SOURCE_HEADER
 */
export async function openAvro<T>(
  path: string,
  maxRecordBytes: number,
  mapper: RowMapper<T>,
): Promise<RecordReader<T>> {
  const { container, type } = await openContainer(path);
  try {
    requireColumns(path, fieldNames(type), mapper.columns);
    const guard = compileAvroGuard(type, { maxStringBytes: maxRecordBytes, maxItems: MAX_LIST_ITEMS });
    return new AvroReader(container, type, guard, maxRecordBytes, mapper);
  } catch (error) {
    await container.close();
    throw error instanceof AvroViolation ? unreadable(path, error) : error;
  }
}

/** The field names of an Avro object container. Errors: those of `openAvro`. */
export async function avroColumns(path: string): Promise<readonly string[]> {
  const { container, type } = await openContainer(path);
  await container.close();
  return fieldNames(type);
}

async function openContainer(path: string): Promise<{ container: AvroContainer; type: avro.types.RecordType }> {
  const container = new AvroContainer(path, await openByteChunks(path));
  try {
    const type = await container.readHeader();
    if (!(type instanceof avro.types.RecordType)) throw unreadable(path, 'its values are not records');
    return { container, type };
  } catch (error) {
    await container.close();
    throw error;
  }
}

function fieldNames(type: avro.types.RecordType): string[] {
  return type.fields.map(({ name }) => name);
}

/** What stands at the current place: a record, one too long to decode, or the rest of a block that cannot be read. */
type Framed = 'record' | 'tooLarge' | 'cut' | 'broken';

class AvroReader<T> implements RecordReader<T>, RawRecord {
  readonly expectedRecords = null;
  readonly #container: AvroContainer;
  readonly #type: avro.Type;
  readonly #guard: AvroGuard;
  readonly #maxRecordBytes: number;
  readonly #mapper: RowMapper<T>;
  readonly #values: unknown[];
  #data: Buffer = Buffer.alloc(0);
  #left = 0;
  #cut = false;
  #start = 0;
  #end = 0;
  #fault = '';

  constructor(
    container: AvroContainer,
    type: avro.Type,
    guard: AvroGuard,
    maxRecordBytes: number,
    mapper: RowMapper<T>,
  ) {
    this.#container = container;
    this.#type = type;
    this.#guard = guard;
    this.#maxRecordBytes = maxRecordBytes;
    this.#mapper = mapper;
    this.#values = new Array<unknown>(mapper.columns.length).fill(undefined);
  }

  async read(max: number, row: number, out: T[]): Promise<boolean> {
    for (let taken = 0; taken < max; taken++) {
      if (!(await this.#hasRecord())) return false;
      out.push(this.#decode(this.#frame(), row + taken));
    }
    return true;
  }

  async skip(count: number): Promise<number> {
    let skipped = 0;
    for (; skipped < count && (await this.#hasRecord()); skipped++) this.#frame();
    return skipped;
  }

  close(): Promise<void> {
    return this.#container.close();
  }

  original(): Uint8Array {
    return new Uint8Array(this.#data.subarray(this.#start, Math.min(this.#end, this.#start + MAX_ORIGINAL_BYTES)));
  }

  #hasRecord(): true | Promise<boolean> {
    return this.#left > 0 ? true : this.#nextBlock();
  }

  async #nextBlock(): Promise<boolean> {
    do {
      const block = await this.#container.next();
      if (block === null) return false;
      this.#data = block.data;
      this.#left = block.count;
      this.#cut = block.cut;
      this.#end = 0;
    } while (this.#left === 0);
    return true;
  }

  /** Finds the end of the next record. Where that fails the records after it have no start: the block ends with it. */
  #frame(): Framed {
    this.#start = this.#end;
    try {
      this.#end = this.#guard(this.#data, this.#start, this.#data.length);
      this.#left--;
      return this.#end - this.#start > this.#maxRecordBytes ? 'tooLarge' : 'record';
    } catch (error) {
      if (!(error instanceof AvroViolation)) throw error;
      this.#fault = `${error.message}; ${this.#left} records of its block are lost`;
      this.#left = 0;
      this.#end = this.#data.length;
      return this.#cut ? 'cut' : 'broken';
    }
  }

  #decode(framed: Framed, row: number): T {
    const mapper = this.#mapper;
    if (framed === 'cut') return mapper.bad('DADIN_RECORD_TRUNCATED', this.#fault, this.original());
    if (framed === 'broken') return mapper.bad('DADIN_RECORD_MALFORMED', this.#fault, this.original());
    if (framed === 'tooLarge') {
      return mapper.bad('DADIN_RECORD_TOO_LARGE', 'the record is longer than allowed', this.original());
    }
    let record: Record<string, unknown>;
    try {
      record = this.#type.decode(this.#data, this.#start).value as Record<string, unknown>;
    } catch (error) {
      // An integer beyond 2^53.
      return mapper.bad(
        'DADIN_RECORD_MALFORMED',
        error instanceof Error ? error.message : String(error),
        this.original(),
      );
    }
    const { columns } = mapper;
    for (let i = 0; i < columns.length; i++) this.#values[i] = record[columns[i]!];
    return mapper.map(this.#values, row, this);
  }
}
