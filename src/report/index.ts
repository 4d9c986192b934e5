export { htmlReport, type ReportInput } from './html-report.js';
export type { MetricsPoint } from './series.js';
