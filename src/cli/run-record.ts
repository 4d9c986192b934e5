import { OPERATION_COLUMNS, type SeriesTable, seriesTable, ThinnedSeries } from '../report/index.js';
import type { RunMark, RunReading } from '../telemetry/run-reading.js';

/** How a run fared, kept in bounded memory for its report. */
export class RunRecord {
  readonly #rows = new ThinnedSeries<SeriesTable>();
  readonly marks: RunMark[] = [];

  reading(reading: RunReading): void {
    this.#rows.add(seriesTable(OPERATION_COLUMNS, [reading]));
  }

  mark(mark: RunMark): void {
    if (this.marks.length === MOST_MARKS) this.marks.shift();
    this.marks.push(mark);
  }

  operation(): SeriesTable {
    const { columns } = seriesTable(OPERATION_COLUMNS, []);
    return { columns, rows: this.#rows.entries.flatMap(({ value }) => value.rows) };
  }
}

const MOST_MARKS = 1000;
