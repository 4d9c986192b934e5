import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { resolvePath } from '../../pipelines/assembly.js';
import type { ReplaySummary } from '../../pipelines/replay.js';
import { type Config, printConfig } from '../config/index.js';
import { DadinError } from '../core/index.js';
import { htmlReport, readMetricsPoints, toCsv } from '../report/index.js';
import { reportFiles } from './report-files.js';
import { qualityOf, reportedRun } from './reported-run.js';
import type { RunRecord } from './run-record.js';

interface EndedRun {
  readonly config: Config;
  readonly baseDirectory: string;
  readonly summary: ReplaySummary;
  readonly record: RunRecord;
}

/**
 * Writes the report of a run: the page, its numbers as CSV beside it, and what `report DIR` needs to draw it again. Drawn
 * from the metrics file where there is one, otherwise from the readings that were taken.
 *
 * @throws DadinError DADIN_SINK_WRITE when it cannot
 */
export async function writeReport(path: string, { config, baseDirectory, summary, record }: EndedRun): Promise<void> {
  const { metrics } = config.sinks;
  const quality =
    metrics === null
      ? { series: record.table('quality'), exact: null }
      : qualityOf(await readMetricsPoints(resolvePath(metrics, baseDirectory)));
  const files = reportFiles(path);
  const about = { name: config.name, config: printConfig(config), summary, marks: record.marks };
  const operation = record.table('operation');
  await writeText(files.about, `${JSON.stringify(about)}\n`);
  await writeText(files.quality, toCsv(quality.series));
  await writeText(files.operation, toCsv(operation));
  await writeText(
    path,
    await htmlReport(`dadin-stream: ${config.name}`, [reportedRun(config.name, quality, about, operation)]),
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
