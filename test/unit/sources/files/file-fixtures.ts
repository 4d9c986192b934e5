import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { ClickEvent, Decoded, EventSource } from '../../../../src/core/index.js';
import type { FileInputOptions } from '../../../../src/sources/files/index.js';

/** A directory for the files of one test file, gone afterwards. */
export async function scratch(): Promise<{
  directory: string;
  write: (name: string, content: string | Uint8Array) => Promise<void>;
}> {
  const directory = await mkdtemp(join(tmpdir(), 'dadin-files-'));
  afterAll(() => rm(directory, { recursive: true, force: true }));
  return { directory, write: (name, content) => writeFile(join(directory, name), content) };
}

export const CLICKS: FileInputOptions['columns'] = {
  eventId: null,
  kind: null,
  impressionId: null,
  userId: 'user',
  itemId: 'item',
  eventTime: { column: 'time', format: 'ms', timeZone: 'UTC' },
  label: { column: 'label', equals: ['1'], negatives: ['0'] },
  userFeatures: {},
  itemFeatures: {},
};

export function input(path: string, changes: Partial<FileInputOptions> = {}): FileInputOptions {
  return {
    domain: 'target',
    paths: [path],
    format: 'auto',
    delimiter: ',',
    listSeparator: null,
    columns: CLICKS,
    sort: 'auto',
    ...changes,
  };
}

export async function drain(
  source: EventSource,
  partition = 0,
  maxRecords = 1000,
): Promise<readonly Decoded<ClickEvent>[]> {
  const all: Decoded<ClickEvent>[] = [];
  for (;;) {
    const { records, last } = await source.read(partition, maxRecords);
    all.push(...records);
    if (last) return all;
  }
}

/** Good records by their item, bad ones by their code. */
export function summary(records: readonly Decoded<ClickEvent>[]): string[] {
  return records.map((record) => (record.ok ? record.value.itemId : record.bad.code));
}
