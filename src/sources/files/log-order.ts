import type { BadRecordCode } from '../../core/index.js';
import { compileTimeParser, type TimeParser } from './event-time.js';
import type { EventTimeColumn } from './file-input-options.js';
import type { RecordReader, RowMapper } from './row-mapper.js';

const TIMES_AT_ONCE = 8192;

/** Only the event time of a row; NaN where it has none. */
export class TimeMapper implements RowMapper<number> {
  readonly columns: readonly string[];
  readonly required: readonly string[];
  readonly #parse: TimeParser;

  constructor(eventTime: EventTimeColumn) {
    this.columns = [eventTime.column];
    this.required = this.columns;
    this.#parse = compileTimeParser(eventTime);
  }

  map(values: readonly unknown[]): number {
    return this.#parse(values[0]);
  }

  bad(_code: BadRecordCode, _reason: string, _original: Uint8Array | null): number {
    return Number.NaN;
  }
}

/** Reads times until one is smaller than one before it. */
export async function isInOrder(times: RecordReader<number>): Promise<boolean> {
  const block: number[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  for (let row = 0, more = true; more; row += block.length) {
    block.length = 0;
    more = await times.read(TIMES_AT_ONCE, row, block);
    for (const time of block) {
      if (time < newest) return false;
      if (time > newest) newest = time;
    }
  }
  return true;
}
