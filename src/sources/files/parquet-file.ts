import { open } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { emptyFile, unreadable } from './file-errors.js';
import { requireColumns } from './header.js';
import type { RawRecord, RecordReader, RowMapper } from './row-mapper.js';

/**
 * Opens a Parquet file. One row group is in memory at a time: its size is the writer's choice.
 *
 * @throws DadinError DADIN_SOURCE_UNREADABLE, DADIN_SOURCE_EMPTY, DADIN_SOURCE_HEADER
 */
export async function openParquet<T>(path: string, mapper: RowMapper<T>): Promise<RecordReader<T>> {
  const { buffer, close, metadata } = await openMetadata(path);
  try {
    requireColumns(path, columnNames(metadata), mapper.columns);
    return new ParquetReader(path, buffer, close, metadata, mapper);
  } catch (error) {
    await close();
    throw error;
  }
}

/** The column names of a Parquet file. Errors: those of `openParquet`. */
export async function parquetColumns(path: string): Promise<readonly string[]> {
  const { close, metadata } = await openMetadata(path);
  await close();
  return columnNames(metadata);
}

interface OpenParquet {
  readonly buffer: AsyncBuffer;
  readonly close: () => Promise<void>;
  readonly metadata: FileMetaData;
}

async function openMetadata(path: string): Promise<OpenParquet> {
  const { buffer, close } = await openBuffer(path);
  try {
    if (buffer.byteLength === 0) throw emptyFile(path);
    const metadata = await parquetMetadataAsync(buffer).catch((cause: unknown) => {
      throw unreadable(path, cause, 'the file is no Parquet, or not whole: copy it again (it must not be gzipped)');
    });
    return { buffer, close, metadata };
  } catch (error) {
    await close();
    throw error;
  }
}

function columnNames(metadata: FileMetaData): string[] {
  return parquetSchema(metadata).children.map(({ element }) => element.name);
}

/** The file by ranges, through one handle. */
async function openBuffer(path: string): Promise<{ buffer: AsyncBuffer; close: () => Promise<void> }> {
  try {
    const file = await open(path, 'r');
    const byteLength = (await file.stat()).size;
    const slice = async (start: number, end = byteLength): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      if (bytesRead < bytes.length) throw new Error('the file became shorter');
      return bytes.buffer;
    };
    return { buffer: { byteLength, slice }, close: () => file.close() };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Columnar records have no bytes of their own. */
const NO_ORIGINAL: RawRecord = { original: () => null };

class ParquetReader<T> implements RecordReader<T> {
  readonly expectedRecords: number;
  readonly close: () => Promise<void>;
  readonly #path: string;
  readonly #buffer: AsyncBuffer;
  readonly #metadata: FileMetaData;
  readonly #mapper: RowMapper<T>;
  readonly #values: unknown[];
  #group = 0;
  /** First row of the current group, in the file. */
  #groupStart = 0;
  #rows: readonly Record<string, unknown>[] | null = null;
  /** Next row of the current group. */
  #next = 0;

  constructor(
    path: string,
    buffer: AsyncBuffer,
    close: () => Promise<void>,
    metadata: FileMetaData,
    mapper: RowMapper<T>,
  ) {
    this.#path = path;
    this.#buffer = buffer;
    this.close = close;
    this.#metadata = metadata;
    this.#mapper = mapper;
    this.#values = new Array<unknown>(mapper.columns.length).fill(undefined);
    this.expectedRecords = Number(metadata.num_rows);
  }

  async read(max: number, row: number, out: T[]): Promise<boolean> {
    const { columns } = this.#mapper;
    for (let taken = 0; taken < max; taken++) {
      const left = this.#rowsLeft();
      if (left === 0) return false;
      this.#rows ??= await this.#readGroup();
      const record = this.#rows[this.#next++]!;
      for (let i = 0; i < columns.length; i++) this.#values[i] = record[columns[i]!];
      out.push(this.#mapper.map(this.#values, row + taken, NO_ORIGINAL));
    }
    return this.#rowsLeft() > 0;
  }

  /** Whole row groups are passed over unread. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count) {
      const left = this.#rowsLeft();
      if (left === 0) break;
      const passed = Math.min(left, count - skipped);
      this.#next += passed;
      skipped += passed;
    }
    return skipped;
  }

  /** Rows left in the current group, or in the next one that has any; 0 at the end of the file. */
  #rowsLeft(): number {
    for (;;) {
      const group = this.#metadata.row_groups[this.#group];
      if (group === undefined) return 0;
      const size = Number(group.num_rows);
      if (this.#next < size) return size - this.#next;
      this.#group++;
      this.#groupStart += size;
      this.#next = 0;
      this.#rows = null;
    }
  }

  async #readGroup(): Promise<readonly Record<string, unknown>[]> {
    const size = Number(this.#metadata.row_groups[this.#group]!.num_rows);
    try {
      const rows = await parquetReadObjects({
        file: this.#buffer,
        metadata: this.#metadata,
        compressors,
        columns: [...this.#mapper.columns],
        rowStart: this.#groupStart,
        rowEnd: this.#groupStart + size,
      });
      if (rows.length !== size) throw new Error(`a row group has ${rows.length} rows instead of ${size}`);
      return rows;
    } catch (cause) {
      throw unreadable(this.#path, cause, 'the file is damaged: copy it again');
    }
  }
}
