import { DadinError } from '../../core/index.js';
import { openAvro } from './avro-file.js';
import { openCsv } from './csv-file.js';
import type { FileFormat, FileInputOptions } from './file-input-options.js';
import { openJsonLines } from './jsonl-file.js';
import { openParquet } from './parquet-file.js';
import type { RecordReader, RowMapper } from './row-mapper.js';

const EXTENSIONS: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'jsonl',
  avro: 'avro',
  parquet: 'parquet',
};

/** Opens one file of a log in its format. Errors: those of the format. */
export function openFile<T>(
  path: string,
  input: Pick<FileInputOptions, 'format' | 'delimiter'>,
  maxRecordBytes: number,
  mapper: RowMapper<T>,
): Promise<RecordReader<T>> {
  const format = input.format === 'auto' ? formatOf(path) : input.format;
  switch (format) {
    case 'csv':
      return openCsv(path, input.delimiter, maxRecordBytes, mapper);
    case 'jsonl':
      return openJsonLines(path, maxRecordBytes, mapper);
    case 'avro':
      return openAvro(path, maxRecordBytes, mapper);
    case 'parquet':
      return openParquet(path, mapper);
  }
}

/** @throws DadinError DADIN_SOURCE_UNREADABLE when the name tells no format */
export function formatOf(path: string): FileFormat {
  const extension = /\.([a-z0-9]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const format = EXTENSIONS[extension];
  if (format !== undefined) return format;
  throw new DadinError('DADIN_SOURCE_UNREADABLE', `${path}: the name does not tell the format`, {
    step: 'read',
    partition: path,
    expected: Object.keys(EXTENSIONS)
      .map((name) => `.${name}`)
      .join(' '),
    remedy: 'set format: csv, jsonl, avro or parquet in this entry of input.files',
  });
}
