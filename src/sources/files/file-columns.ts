import { DadinError } from '../../core/index.js';
import { avroColumns } from './avro-file.js';
import { csvColumns } from './csv-file.js';
import type { FileFormat } from './file-input-options.js';
import { jsonKeys } from './jsonl-file.js';
import { parquetColumns } from './parquet-file.js';

const DELIMITERS = [',', '\t', ';', '|'] as const;

/** The columns of a file as its header, its schema or its first records tell them. Errors: those of the format. */
export async function fileColumns(
  path: string,
  format: FileFormat,
  maxRecordBytes: number,
): Promise<{ readonly columns: readonly string[]; readonly delimiter: string | null }> {
  switch (format) {
    case 'csv':
      return csvHeader(path, maxRecordBytes);
    case 'jsonl':
      return { columns: await jsonKeys(path, maxRecordBytes), delimiter: null };
    case 'avro':
      return { columns: await avroColumns(path), delimiter: null };
    case 'parquet':
      return { columns: await parquetColumns(path), delimiter: null };
  }
}

/** The delimiter that cuts the header into most columns. */
async function csvHeader(
  path: string,
  maxRecordBytes: number,
): Promise<{ columns: readonly string[]; delimiter: string }> {
  let best: { columns: readonly string[]; delimiter: string } | null = null;
  let failure: unknown = null;
  for (const delimiter of DELIMITERS) {
    try {
      const columns = await csvColumns(path, delimiter, maxRecordBytes);
      if (columns.length > (best?.columns.length ?? 0)) best = { columns, delimiter };
    } catch (error) {
      // quoted names followed by another delimiter: not a header at this one
      if (!(error instanceof DadinError) || error.code !== 'DADIN_SOURCE_HEADER') throw error;
      failure ??= error;
    }
  }
  if (best === null) throw failure;
  return best;
}
