import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReplaySummary } from '../../pipelines/replay.js';
import { type Config, printConfig } from '../config/index.js';
import { DadinError } from '../core/index.js';
import { htmlReport, QUALITY_COLUMNS, qualityPoint, readMetricsPoints, seriesTable, toCsv } from '../report/index.js';
import { reportFiles } from './report-files.js';
import { reportedRun } from './reported-run.js';
import type { RunRecord } from './run-record.js';

/**
 * Writes the report of a run: the page, its numbers as CSV beside it, and what `report DIR` needs to draw it again.
 *
 * @throws DadinError DADIN_SINK_WRITE when it cannot
 */
export async function writeReport(
  path: string,
  metricsPath: string,
  config: Config,
  summary: ReplaySummary,
  record: RunRecord,
): Promise<void> {
  const points = await readMetricsPoints(metricsPath);
  const files = reportFiles(path);
  const about = { name: config.name, config: printConfig(config), summary, marks: record.marks };
  const operation = record.operation();
  await writeText(files.about, `${JSON.stringify(about)}\n`);
  await writeText(files.quality, toCsv(seriesTable(QUALITY_COLUMNS, points.map(qualityPoint))));
  await writeText(files.operation, toCsv(operation));
  await writeText(
    path,
    await htmlReport(`dadin-stream: ${config.name}`, [reportedRun(config.name, points, about, operation)]),
  );
}

export async function writeText(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    throw new DadinError('DADIN_SINK_WRITE', `cannot write ${path}`, { step: 'publish', retryable: true, cause });
  }
}
