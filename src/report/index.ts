export { type Ceiling, type Chart, OPERATION_CHARTS, qualityCharts } from './charts.js';
export { type Column, OPERATION_COLUMNS, PLACE_COLUMNS, QUALITY_COLUMNS } from './columns.js';
export { htmlReport, type ReportedRun } from './html-report.js';
export { driftMarks, type MetricsPoint, qualityPoint, readMetricsPoints } from './metrics-points.js';
export { fromCsv, type SeriesTable, seriesTable, toCsv } from './series-table.js';
export { badDayTable, driftTable, metricsTable } from './tables.js';
export { ThinnedSeries } from './thinned-series.js';
export { chartScript, chartStyle, webFile } from './web-assets.js';
