/** Content type of metrics as Prometheus reads them. */
export const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';
