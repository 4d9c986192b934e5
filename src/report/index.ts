export { htmlReport } from './html-report.js';
export type { MetricsPoint } from './series.js';
