import { DadinError } from '../../core/index.js';
import { type ByteChunks, openByteChunks } from './byte-chunks.js';
import { CsvFields } from './csv-fields.js';
import { emptyFile } from './file-errors.js';
import { requireColumns } from './header.js';
import { RecordFramer } from './record-framer.js';
import type { RecordReader, RowMapper } from './row-mapper.js';
import { type RecordParser, TextReader } from './text-reader.js';

/**
 * Opens a CSV file (RFC 4180, LF or CRLF, with or without byte order mark) and reads its header.
 *
 * @throws DadinError DADIN_SOURCE_UNREADABLE, DADIN_SOURCE_EMPTY, DADIN_SOURCE_HEADER
 */
export async function openCsv<T>(
  path: string,
  delimiter: string,
  maxRecordBytes: number,
  mapper: RowMapper<T>,
): Promise<RecordReader<T>> {
  const { chunks, framer, fields, header } = await openHeader(path, delimiter, maxRecordBytes);
  try {
    requireColumns(path, header, mapper.columns);
    return new TextReader(chunks, framer, csvParser(header, fields, mapper.columns), mapper);
  } catch (error) {
    await chunks.close();
    throw error;
  }
}

/** The column names of a CSV file. Errors: those of `openCsv`. */
export async function csvColumns(path: string, delimiter: string, maxRecordBytes: number): Promise<readonly string[]> {
  const { chunks, header } = await openHeader(path, delimiter, maxRecordBytes);
  await chunks.close();
  return header;
}

interface OpenCsv {
  readonly chunks: ByteChunks;
  readonly framer: RecordFramer;
  readonly fields: CsvFields;
  readonly header: readonly string[];
}

async function openHeader(path: string, delimiter: string, maxRecordBytes: number): Promise<OpenCsv> {
  const byte = delimiter.charCodeAt(0);
  if (delimiter.length !== 1 || byte > 127 || delimiter === '"') {
    throw new DadinError('DADIN_CONFIG_INVALID', `${JSON.stringify(delimiter)} is not a CSV delimiter`, {
      step: 'read',
      got: delimiter,
      expected: 'one ASCII character other than the quote',
    });
  }
  const chunks = await openByteChunks(path);
  try {
    const framer = new RecordFramer(byte, maxRecordBytes);
    const fields = new CsvFields(byte);
    return { chunks, framer, fields, header: await readHeader(path, chunks, framer, fields) };
  } catch (error) {
    await chunks.close();
    throw error;
  }
}

async function readHeader(
  path: string,
  chunks: ByteChunks,
  framer: RecordFramer,
  fields: CsvFields,
): Promise<string[]> {
  let frame = framer.next();
  while (frame === 'needMore') {
    framer.push(await chunks.next());
    frame = framer.next();
  }
  if (frame === 'end') throw emptyFile(path);
  if (frame !== 'record') {
    throw new DadinError('DADIN_SOURCE_HEADER', `${path} does not start with a line of column names`, {
      step: 'read',
      partition: path,
      got: JSON.stringify(new TextDecoder().decode(framer.original().subarray(0, 80))),
      remedy: 'add a header line to the file',
    });
  }
  fields.scan(framer);
  return Array.from({ length: fields.count }, (_, i) => (fields.text(i, framer) ?? '').trim());
}

function csvParser(header: readonly string[], fields: CsvFields, columns: readonly string[]): RecordParser {
  const places = Int32Array.from(columns, (column) => header.indexOf(column));
  const width = header.length;
  return (framer, values) => {
    fields.scan(framer);
    if (fields.count !== width) {
      return { reason: `the record has ${fields.count} fields, the header ${width}`, cut: fields.count < width };
    }
    for (let i = 0; i < places.length; i++) {
      const text = fields.text(places[i]!, framer);
      if (text === undefined) return { reason: `column ${columns[i]} is not UTF-8`, cut: true };
      values[i] = text;
    }
    return null;
  };
}
