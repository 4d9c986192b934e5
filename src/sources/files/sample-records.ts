import { fieldText } from './field-value.js';
import { fileColumns } from './file-columns.js';
import type { FileFormat } from './file-input-options.js';
import { formatOf, openFile } from './open-file.js';
import type { RowMapper } from './row-mapper.js';

const MAX_RECORD_BYTES = 1_048_576;

/** The first records of a file, to guess a configuration from. */
export interface FileSample {
  readonly format: FileFormat;
  /** CSV only, else null. */
  readonly delimiter: string | null;
  readonly columns: readonly string[];
  /** Values as text, lists as JSON, in the order of `columns`; null where a record has none. Bad records are left out. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/**
 * Reads the first `count` records of a file; the format is told by its name, a CSV delimiter by its header.
 *
 * @throws DadinError DADIN_SOURCE_UNREADABLE, DADIN_SOURCE_EMPTY
 */
export async function sampleRecords(path: string, count: number): Promise<FileSample> {
  const format = formatOf(path);
  const { columns, delimiter } = await fileColumns(path, format, MAX_RECORD_BYTES);
  const mapper: RowMapper<readonly (string | null)[] | null> = {
    columns,
    required: [],
    map: (values) => values.map(sampleText),
    bad: () => null,
  };
  const reader = await openFile(path, { format, delimiter: delimiter ?? ',' }, MAX_RECORD_BYTES, mapper);
  try {
    const records: (readonly (string | null)[] | null)[] = [];
    await reader.read(count, 0, records);
    return { format, delimiter, columns, rows: records.filter((record) => record !== null) };
  } finally {
    await reader.close();
  }
}

function sampleText(value: unknown): string | null {
  const text = fieldText(value);
  if (text !== undefined) return text;
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? null;
}
