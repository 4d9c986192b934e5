import { basename } from 'node:path';
import { DadinError } from '../../core/index.js';
import { openByteChunks } from '../../sources/files/byte-chunks.js';
import type { FileSample } from '../../sources/files/index.js';

const SHOWN_BYTES = 40;

/**
 * Nothing in the file reads as a record of its format, or nothing has a name.
 *
 * @throws DadinError DADIN_SOURCE_UNREADABLE with the first bytes of the file
 */
export async function refuseWithoutRecords(path: string, { format, columns, rows }: FileSample): Promise<void> {
  if (rows.length > 0 && columns.some((name) => /[\p{L}\p{N}]/u.test(name))) return;
  throw new DadinError('DADIN_SOURCE_UNREADABLE', `${basename(path)} holds no record that reads as ${format}`, {
    step: 'init',
    got: await firstBytes(path),
    expected:
      format === 'csv'
        ? 'a header with the names of the columns, then one record a line'
        : 'one record after another, with named fields',
    remedy: 'give the file the ending of its format: .csv, .tsv, .jsonl, .avro or .parquet, plain or with .gz',
  });
}

/** As text where it is text, else in hexadecimal. */
async function firstBytes(path: string): Promise<string> {
  const chunks = await openByteChunks(path);
  try {
    const bytes = ((await chunks.next()) ?? Buffer.alloc(0)).subarray(0, SHOWN_BYTES);
    const text = bytes.toString('latin1');
    const shown = /^[\t\n\r -~]*$/.test(text)
      ? JSON.stringify(text)
      : bytes.toString('hex').replace(/(..)(?=.)/g, '$1 ');
    return `${shown}${bytes.length === SHOWN_BYTES ? '...' : ''}`;
  } finally {
    await chunks.close();
  }
}
