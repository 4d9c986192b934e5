import { readFile, writeFile } from 'node:fs/promises';
import type { ReplaySummary } from '../../pipelines/replay.js';
import { type Config, printConfig } from '../config/index.js';
import { DadinError, DOMAINS } from '../core/index.js';
import { htmlReport, type MetricsPoint } from '../report/index.js';

/** Writes the HTML report of a run from its summary and its metrics file. `DADIN_SINK_WRITE` when it cannot. */
export async function writeReport(
  path: string,
  metricsPath: string,
  config: Config,
  summary: ReplaySummary,
): Promise<void> {
  const html = await htmlReport({
    title: `dadin-stream: ${config.name}`,
    facts: [
      ['Events', summary.events.toLocaleString('en')],
      ['Steps', summary.steps.toLocaleString('en')],
      ['Events a second', Math.round(summary.eventsPerSecond).toLocaleString('en')],
      ['Backend', summary.backend],
      ['Dense parameters', summary.denseParameters.toLocaleString('en')],
      ['Not learned from', `${summary.deadLetters + summary.duplicates} records`],
      ['Digest', summary.digest.slice(0, 16)],
      ...(summary.checkpoint === null ? [] : ([['Checkpoint', summary.checkpoint]] as const)),
    ],
    table: {
      header: [
        '',
        'AUC',
        '95 % interval',
        'Last window',
        'Cold users',
        'Log loss',
        'NE',
        'Calibration',
        'Rows',
        'Clicks',
        'Ceiling',
      ],
      rows: DOMAINS.map((domain) => {
        const s = summary.domains[domain];
        return [
          domain,
          fixed(s.auc),
          `${fixed(s.aucLow)} to ${fixed(s.aucHigh)}`,
          fixed(s.window.auc),
          fixed(s.cold.auc),
          fixed(s.logLoss),
          fixed(s.ne),
          fixed(s.calibration),
          s.rows.toLocaleString('en'),
          s.positives.toLocaleString('en'),
          fixed(summary.ceiling?.[domain] ?? null),
        ];
      }),
    },
    points: (await readFile(metricsPath, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as MetricsPoint),
    ceiling: summary.ceiling,
    config: printConfig(config),
  });
  try {
    await writeFile(path, html);
  } catch (cause) {
    throw new DadinError('DADIN_SINK_WRITE', `cannot write ${path}`, { step: 'publish', retryable: true, cause });
  }
}

function fixed(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}
