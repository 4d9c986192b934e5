import { OPERATION_COLUMNS, QUALITY_COLUMNS, type SeriesTable, seriesTable, ThinnedSeries } from '../report/index.js';
import type { RunMark, RunReading } from '../telemetry/run-reading.js';

const MOST_MARKS = 1000;

/** How good the model was and how the run fared, kept in bounded memory for its report. */
export class RunRecord {
  readonly #readings = new ThinnedSeries<{ readonly quality: SeriesTable; readonly operation: SeriesTable }>();
  readonly marks: RunMark[] = [];

  reading(reading: RunReading): void {
    this.#readings.add({
      quality: seriesTable(QUALITY_COLUMNS, [reading]),
      operation: seriesTable(OPERATION_COLUMNS, [reading]),
    });
  }

  mark(mark: RunMark): void {
    if (this.marks.length === MOST_MARKS) this.marks.shift();
    this.marks.push(mark);
  }

  table(of: 'quality' | 'operation'): SeriesTable {
    const { columns } = of === 'quality' ? seriesTable(QUALITY_COLUMNS, []) : seriesTable(OPERATION_COLUMNS, []);
    return { columns, rows: this.#readings.entries.flatMap(({ value }) => value[of].rows) };
  }
}
