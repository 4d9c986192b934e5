import { tmpdir } from 'node:os';
import type { EventSource } from '../../core/index.js';
import type { FileInputOptions } from './file-input-options.js';
import { type FileLogReport, FilePartition } from './file-partition.js';
import { matchFiles } from './match-files.js';

const DEFAULT_MAX_RECORD_BYTES = 1_048_576;

export interface FileSourceOptions {
  /** What relative paths start from: the configuration file's directory. */
  readonly baseDirectory: string;
  /** Memory for sorting each log, in bytes; more goes to temporary files. */
  readonly sortMemoryBytes: number;
  /** Where those go; the system's by default. */
  readonly temporaryDirectory?: string;
  /** Longer records are bad records; 1 MiB by default. */
  readonly maxRecordBytes?: number;
}

export interface FileSource extends EventSource {
  /** One report a partition. */
  report(): readonly FileLogReport[];
}

/**
 * Events from files: one partition an entry, whose position is the index of the record over all its files (in sorted
 * order where the log is sorted). Every file is looked into before this resolves.
 *
 * @throws DadinError DADIN_SOURCE_NOT_FOUND, DADIN_SOURCE_EMPTY, DADIN_SOURCE_HEADER, DADIN_SOURCE_NO_TIME,
 *   DADIN_SOURCE_UNREADABLE, DADIN_CONFIG_INVALID
 */
export async function createFileSource(
  inputs: readonly FileInputOptions[],
  options: FileSourceOptions,
): Promise<FileSource> {
  const limits = {
    maxRecordBytes: options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES,
    sortMemoryBytes: options.sortMemoryBytes,
    temporaryDirectory: options.temporaryDirectory ?? tmpdir(),
  };
  const names = new Set<string>();
  const partitions: FilePartition[] = [];
  for (const [index, input] of inputs.entries()) {
    const files = await matchFiles(input.paths, options.baseDirectory);
    const paths = input.paths.join(',');
    const name = names.has(paths) ? `${paths}#${index}` : paths;
    names.add(name);
    const partition = new FilePartition(name, index, input, files, limits);
    await partition.check();
    partitions.push(partition);
  }
  return {
    name: partitions.map(({ name }) => name).join(' + '),
    partitions,
    async open(from) {
      for (const [i, partition] of partitions.entries()) await partition.open(from[i] ?? 0n);
    },
    read: (partition, maxRecords) => partitions[partition]!.read(maxRecords),
    async close() {
      for (const partition of partitions) await partition.close();
    },
    report: () => partitions.map((partition) => partition.report()),
  };
}
