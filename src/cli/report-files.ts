export interface ReportFiles {
  /** Metrics as the run wrote them, JSON Lines; where `--metrics` named no other file. */
  readonly metrics: string;
  /** The numbers of the pictures. */
  readonly quality: string;
  readonly operation: string;
  /** Summary, configuration and marks, JSON. */
  readonly about: string;
}

/** What lies beside a report, named after it. */
export function reportFiles(page: string): ReportFiles {
  const stem = page.replace(/\.html$/, '');
  return {
    metrics: `${stem}.metrics.jsonl`,
    quality: `${stem}.csv`,
    operation: `${stem}.operation.csv`,
    about: `${stem}.json`,
  };
}
