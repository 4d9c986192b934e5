import { type ClickEvent, DadinError, type Decoded, type EventChunk, type SourcePartition } from '../../core/index.js';
import { EventMapper, requireEventTime } from './event-mapper.js';
import { emptyFile } from './file-errors.js';
import type { FileInputOptions } from './file-input-options.js';
import { isInOrder, TimeMapper } from './log-order.js';
import { LogReader } from './log-reader.js';
import { openFile } from './open-file.js';
import type { RecordReader, RowMapper } from './row-mapper.js';
import { sortLog } from './sorted-log.js';

export interface FileLimits {
  /** Longer records are bad records. */
  readonly maxRecordBytes: number;
  /** Memory for sorting one log; more goes to temporary files. */
  readonly sortMemoryBytes: number;
  readonly temporaryDirectory: string;
}

/** What was seen of the order of a log; complete once it was read to its end. */
export interface FileLogReport {
  readonly partition: string;
  readonly sorted: boolean;
  /** Records with a smaller event time than one before them in the files. */
  readonly outOfOrder: number;
  readonly spilledRuns: number;
}

/** The log of one entry of `input.files`. */
export class FilePartition implements SourcePartition {
  readonly name: string;
  expectedRecords: number | null = null;
  readonly #index: number;
  readonly #input: FileInputOptions;
  readonly #files: readonly string[];
  readonly #limits: FileLimits;
  readonly #mapper: EventMapper;
  #reader: RecordReader<Decoded<ClickEvent>> | null = null;
  #position = 0;
  #sorted = false;
  #outOfOrder = 0;
  #spilledRuns = 0;
  #newest = Number.NEGATIVE_INFINITY;

  /** @throws DadinError DADIN_SOURCE_NO_TIME, DADIN_CONFIG_INVALID */
  constructor(name: string, index: number, input: FileInputOptions, files: readonly string[], limits: FileLimits) {
    this.name = name;
    this.#index = index;
    this.#input = input;
    this.#files = files;
    this.#limits = limits;
    this.#mapper = new EventMapper(input, index);
  }

  /** Looks into every file, so that a wrong name or an empty file is told before anything is learned. */
  async check(): Promise<void> {
    let records = 0;
    for (const file of this.#files) {
      const reader = await this.#openFile(file, this.#mapper);
      records += await reader.skip(1);
      await reader.close();
    }
    if (records === 0) throw emptyFile(this.name);
  }

  async open(from: bigint): Promise<void> {
    const { sort } = this.#input;
    this.#sorted = sort === 'always' || (sort === 'auto' && !(await this.#inOrder()));
    const log = this.#log(this.#mapper);
    this.#reader = this.#sorted ? await this.#sort(log) : log;
    const start = Number(from);
    if ((await this.#reader.skip(start)) < start) {
      throw new DadinError('DADIN_CHECKPOINT_MISMATCH', `${this.name} is shorter than the position to go on from`, {
        step: 'read',
        partition: this.name,
        position: from,
        remedy: 'give the files that the checkpoint was made from',
      });
    }
    this.#position = start;
  }

  async read(maxRecords: number): Promise<EventChunk> {
    if (this.#reader === null) throw new TypeError(`${this.name} is read before it is open`);
    const first = this.#position;
    const records: Decoded<ClickEvent>[] = [];
    const more = await this.#reader.read(maxRecords, first, records);
    this.#position += records.length;
    if (!this.#sorted) this.#countDisorder(records);
    return { partition: this.#index, first: BigInt(first), records, last: !more };
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = null;
    await reader?.close();
  }

  report(): FileLogReport {
    return {
      partition: this.name,
      sorted: this.#sorted,
      outOfOrder: this.#outOfOrder,
      spilledRuns: this.#spilledRuns,
    };
  }

  async #inOrder(): Promise<boolean> {
    const times = this.#log(new TimeMapper(requireEventTime(this.#input)));
    try {
      return await isInOrder(times);
    } finally {
      await times.close();
    }
  }

  async #sort(log: RecordReader<Decoded<ClickEvent>>): Promise<RecordReader<Decoded<ClickEvent>>> {
    const { sortMemoryBytes, temporaryDirectory } = this.#limits;
    const { reader, records, outOfOrder, spilledRuns } = await sortLog(log, sortMemoryBytes, temporaryDirectory);
    this.expectedRecords = records;
    this.#outOfOrder = outOfOrder;
    this.#spilledRuns = spilledRuns;
    return reader;
  }

  #countDisorder(records: readonly Decoded<ClickEvent>[]): void {
    for (const record of records) {
      if (!record.ok) continue;
      const time = record.value.eventTimeMs;
      if (time < this.#newest) this.#outOfOrder++;
      else this.#newest = time;
    }
  }

  #log<T>(mapper: RowMapper<T>): LogReader<T> {
    return new LogReader(this.#files, (file) => this.#openFile(file, mapper));
  }

  #openFile<T>(file: string, mapper: RowMapper<T>): Promise<RecordReader<T>> {
    return openFile(file, this.#input, this.#limits.maxRecordBytes, mapper);
  }
}
