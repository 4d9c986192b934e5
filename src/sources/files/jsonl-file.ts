import { isUtf8 } from 'node:buffer';
import { openByteChunks } from './byte-chunks.js';
import { emptyFile } from './file-errors.js';
import { requireColumns } from './header.js';
import { RecordFramer } from './record-framer.js';
import type { RecordReader, RowMapper } from './row-mapper.js';
import { type RecordParser, TextReader } from './text-reader.js';

/** JSON Lines have no header: a required column that none of the first records has is taken for a wrong name. */
const HEADER_RECORDS = 100;

/**
 * Opens a file of one JSON object a line.
 *
 * @throws DadinError DADIN_SOURCE_UNREADABLE, DADIN_SOURCE_EMPTY, DADIN_SOURCE_HEADER
 */
export async function openJsonLines<T>(
  path: string,
  maxRecordBytes: number,
  mapper: RowMapper<T>,
): Promise<RecordReader<T>> {
  const keys = await jsonKeys(path, maxRecordBytes);
  if (keys.length > 0) requireColumns(path, keys, mapper.required);
  return new TextReader(
    await openByteChunks(path),
    new RecordFramer(null, maxRecordBytes),
    jsonParser(mapper.columns),
    mapper,
  );
}

/**
 * The keys of the first records of a JSON Lines file.
 *
 * @throws DadinError DADIN_SOURCE_UNREADABLE, DADIN_SOURCE_EMPTY
 */
export async function jsonKeys(path: string, maxRecordBytes: number): Promise<readonly string[]> {
  const keys = new Set<string>();
  const collect: RecordParser = (framer) => {
    for (const key of Object.keys(parseObject(framer) ?? {})) keys.add(key);
    return null;
  };
  const chunks = await openByteChunks(path);
  const reader = new TextReader(chunks, new RecordFramer(null, maxRecordBytes), collect, COUNT);
  try {
    const seen: null[] = [];
    await reader.read(HEADER_RECORDS, 0, seen);
    if (seen.length === 0) throw emptyFile(path);
    return [...keys];
  } finally {
    await reader.close();
  }
}

const COUNT: RowMapper<null> = { columns: [], required: [], map: () => null, bad: () => null };

function jsonParser(columns: readonly string[]): RecordParser {
  return (framer, values) => {
    const object = parseObject(framer);
    if (object === null) return { reason: 'the line is not a JSON object in UTF-8', cut: true };
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const value = Object.hasOwn(object, column) ? object[column] : undefined;
      if (typeof value === 'string' && !isWellFormed(value)) {
        return { reason: `column ${column} holds half of a surrogate pair`, cut: false };
      }
      values[i] = value;
    }
    return null;
  };
}

function parseObject({ bytes, start, end, text }: RecordFramer): Record<string, unknown> | null {
  if (text === null && !isUtf8(bytes.subarray(start, end))) return null;
  // From the bytes, not from the block's text: substrings of a parsed line must not keep the block in memory.
  const line = bytes.toString(text === null ? 'utf8' : 'latin1', start, end);
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Only an escape can bring in half of a surrogate pair, which has no UTF-8 form: written out, two ids would become one. */
function isWellFormed(value: string): boolean {
  return !/[\uD800-\uDFFF]/u.test(value);
}
