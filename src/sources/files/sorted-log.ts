import type { ClickEvent, Decoded } from '../../core/index.js';
import type { RecordReader } from './row-mapper.js';
import { RunMerge } from './run-merge.js';
import { SortBuffer } from './sort-buffer.js';
import { SpilledRun } from './spilled-run.js';

const READ_AT_ONCE = 4096;
/** More runs than this are merged in steps, so that neither open files nor buffers grow with the log. */
const MAX_MERGED_RUNS = 64;
const MIN_RUN_BUFFER_BYTES = 4096;

export interface SortedLog {
  /** Its rows are places in sorted order. */
  readonly reader: RecordReader<Decoded<ClickEvent>>;
  readonly records: number;
  /** Records with a smaller event time than one before them. */
  readonly outOfOrder: number;
  readonly spilledRuns: number;
}

/**
 * Sorts a log by (event time, row) in bounded memory: what does not fit goes to temporary files as sorted runs, which are
 * merged while they are read. A bad record stays behind the good one before it.
 */
export async function sortLog(
  log: RecordReader<Decoded<ClickEvent>>,
  memoryBytes: number,
  temporaryDirectory: string,
): Promise<SortedLog> {
  const buffer = new SortBuffer(memoryBytes);
  const runs: SpilledRun[] = [];
  let outOfOrder = 0;
  let newest = Number.NEGATIVE_INFINITY;
  let time = Number.NEGATIVE_INFINITY;
  let row = 0;
  try {
    for (let more = true; more; ) {
      const records: Decoded<ClickEvent>[] = [];
      more = await log.read(READ_AT_ONCE, row, records);
      for (const record of records) {
        if (record.ok) {
          time = record.value.eventTimeMs;
          if (time < newest) outOfOrder++;
          else newest = time;
        }
        if (!buffer.add(record, time, row)) {
          runs.push(await spill(buffer, temporaryDirectory));
          buffer.add(record, time, row);
        }
        row++;
      }
    }
    const spilledRuns = runs.length === 0 ? 0 : runs.length + 1;
    if (runs.length === 0) return { reader: new BufferReader(buffer), records: row, outOfOrder, spilledRuns };
    runs.push(await spill(buffer, temporaryDirectory));
    while (runs.length > MAX_MERGED_RUNS) {
      const merged = runs.splice(0, MAX_MERGED_RUNS);
      runs.push(await mergeRuns(merged, memoryBytes, temporaryDirectory));
    }
    const merge = await startMerge(runs, memoryBytes);
    return { reader: new MergeReader(merge, runs), records: row, outOfOrder, spilledRuns };
  } catch (error) {
    await closeAll(runs);
    throw error;
  } finally {
    await log.close();
  }
}

async function spill(buffer: SortBuffer, directory: string): Promise<SpilledRun> {
  const run = await SpilledRun.create(directory);
  for (const number of buffer.order()) if (run.append(buffer.entry(number))) await run.flush();
  await run.flush();
  buffer.clear();
  return run;
}

function startMerge(runs: readonly SpilledRun[], memoryBytes: number): Promise<RunMerge> {
  const bufferBytes = Math.max(MIN_RUN_BUFFER_BYTES, Math.floor(memoryBytes / (2 * runs.length)));
  return RunMerge.start(runs.map((run) => run.reader(bufferBytes)));
}

async function mergeRuns(runs: readonly SpilledRun[], memoryBytes: number, directory: string): Promise<SpilledRun> {
  const merged = await SpilledRun.create(directory);
  const merge = await startMerge(runs, memoryBytes);
  for (let run = merge.smallest; run !== null; run = merge.smallest) {
    if (merged.append(run.entry)) await merged.flush();
    if (!merge.passNow()) await merge.pass();
  }
  await merged.flush();
  await closeAll(runs);
  return merged;
}

async function closeAll(runs: readonly SpilledRun[]): Promise<void> {
  for (const run of runs) await run.close();
}

class BufferReader implements RecordReader<Decoded<ClickEvent>> {
  readonly expectedRecords: number;
  readonly #buffer: SortBuffer;
  readonly #order: readonly number[];
  #next = 0;

  constructor(buffer: SortBuffer) {
    this.#buffer = buffer;
    this.#order = buffer.order();
    this.expectedRecords = this.#order.length;
  }

  async read(max: number, _row: number, out: Decoded<ClickEvent>[]): Promise<boolean> {
    const end = Math.min(this.#next + max, this.#order.length);
    for (; this.#next < end; this.#next++) {
      out.push(this.#buffer.record(this.#order[this.#next]!));
    }
    return end < this.#order.length;
  }

  async skip(count: number): Promise<number> {
    const skipped = Math.min(count, this.#order.length - this.#next);
    this.#next += skipped;
    return skipped;
  }

  async close(): Promise<void> {
    this.#buffer.clear();
  }
}

class MergeReader implements RecordReader<Decoded<ClickEvent>> {
  readonly expectedRecords = null;
  readonly #merge: RunMerge;
  readonly #runs: readonly SpilledRun[];

  constructor(merge: RunMerge, runs: readonly SpilledRun[]) {
    this.#merge = merge;
    this.#runs = runs;
  }

  async read(max: number, _row: number, out: Decoded<ClickEvent>[]): Promise<boolean> {
    const merge = this.#merge;
    for (let i = 0; i < max; i++) {
      const run = merge.smallest;
      if (run === null) return false;
      out.push(run.record());
      if (!merge.passNow()) await merge.pass();
    }
    return merge.smallest !== null;
  }

  async skip(count: number): Promise<number> {
    const merge = this.#merge;
    let skipped = 0;
    for (; skipped < count && merge.smallest !== null; skipped++) if (!merge.passNow()) await merge.pass();
    return skipped;
  }

  close(): Promise<void> {
    return closeAll(this.#runs);
  }
}
