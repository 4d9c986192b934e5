import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Command } from 'commander';
import { DadinError } from '../core/index.js';
import { fromCsv, htmlReport, type ReportedRun, readMetricsPoints, toCsv } from '../report/index.js';
import { reportFiles } from './report-files.js';
import { type AboutRun, qualityOf, reportedRun } from './reported-run.js';
import { writeText } from './write-report.js';

const METRICS = /^(.*?)\.?metrics\.jsonl$/;
const OPERATION = /^(.*)\.operation\.csv$/;

export function reportCommand(): Command {
  return new Command('report')
    .description(
      'Draw what a run left behind as one self-contained HTML page with its numbers as CSV; two runs side by side.',
    )
    .argument(
      '<dir>',
      'folder of a run: with its metrics (--metrics, --report), or with what its report left beside itself',
    )
    .argument('[other]', 'folder of another run, drawn beside it on the same scales')
    .option('-o, --out <file>', 'the page (default: report.html in DIR, comparison.html for two)')
    .action(async (dir: string, other: string | undefined, flags: { readonly out?: string }) => {
      const runs = await Promise.all([dir, ...(other === undefined ? [] : [other])].map(readRun));
      const out = resolve(flags.out ?? (other === undefined ? join(dir, `${runs[0]!.stem}.html`) : 'comparison.html'));
      const title = runs.map(({ run }) => run.name).join(' and ');
      await writeText(
        out,
        await htmlReport(
          `dadin-stream: ${title}`,
          runs.map(({ run }) => run),
        ),
      );
      const csv = runs.map(
        ({ run }, i) => [i === 0 ? reportFiles(out).quality : out.replace(/(\.html)?$/, '.other.csv'), run] as const,
      );
      for (const [path, run] of csv) await writeText(path, toCsv(run.quality));
      process.stdout.write([out, ...csv.map(([path]) => path), ''].join('\n'));
    });
}

/**
 * From the metrics file of a run, which one that was cut off has too; otherwise from the numbers of its report.
 *
 * @throws DadinError DADIN_USAGE where the folder holds not exactly one run
 */
async function readRun(dir: string): Promise<{ readonly run: ReportedRun; readonly stem: string }> {
  const names = await readdir(dir).catch(() => []);
  const metrics = names.filter((name) => METRICS.test(name));
  const found = metrics.length > 0 ? metrics : names.filter((name) => OPERATION.test(name));
  if (found.length !== 1) {
    throw new DadinError('DADIN_USAGE', `${dir} does not hold the metrics of one run`, {
      step: 'report',
      got: found.length === 0 ? 'neither metrics.jsonl nor what a report leaves beside itself' : found.join(', '),
      remedy: 'learn with --checkpoints DIR, with --report DIR/report.html, or with --metrics DIR/metrics.jsonl',
    });
  }
  const stem = (METRICS.exec(found[0]!) ?? OPERATION.exec(found[0]!))?.[1] || 'report';
  const files = reportFiles(join(dir, stem));
  const about = await readIfThere(files.about, (text) => JSON.parse(text) as AboutRun);
  const operation = await readIfThere(files.operation, fromCsv);
  const quality =
    metrics.length > 0
      ? qualityOf(await readMetricsPoints(join(dir, found[0]!)))
      : { series: (await readIfThere(files.quality, fromCsv)) ?? { columns: [], rows: [] }, exact: null };
  const name = basename(resolve(dir));
  return { run: reportedRun(about === null ? name : `${about.name} (${name})`, quality, about, operation), stem };
}

/** Null where there is no such file: a run that was cut off has left its metrics only. */
async function readIfThere<T>(path: string, parse: (text: string) => T): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new DadinError('DADIN_SOURCE_UNREADABLE', `cannot read ${path}`, { step: 'report', cause });
  }
  return parse(text);
}
