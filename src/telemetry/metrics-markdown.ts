import { INSTRUMENTS, type InstrumentDescription, prometheusName, SERVING_INSTRUMENTS } from './instruments.js';

const INTRODUCTION = `# Metrics

\`run --port N\` and \`replay --page\` serve these at \`/metrics\` for Prometheus; \`telemetry.otlpEndpoint\` sends them by OTLP
too. This page is generated from \`src/telemetry/instruments.ts\` by \`npm run schema\`.

- Counters are added to once a batch or read when scraped, never once an event. Those that say *since the start of the
  process* begin at 0 when a run is resumed; all others go on where the checkpoint stands.
- A gauge without a value (an AUC where a class is missing) is absent, not 0.
- Histograms show as \`NAME_bucket\`, \`NAME_sum\` and \`NAME_count\`. Durations are seconds.
- A collector that takes OTLP may add units to names; the names below are those of \`/metrics\`.

`;

const HEAD = `| metric | kind | unit | attributes | what |
| --- | --- | --- | --- | --- |
`;

/** docs/metrics.md */
export function metricsMarkdown(): string {
  return `${INTRODUCTION}${table(INSTRUMENTS)}
## Of \`dadin-stream serve\`

At \`/metrics\` of the scoring service.

${table(SERVING_INSTRUMENTS)}`;
}

function table(instruments: Readonly<Record<string, InstrumentDescription>>): string {
  const rows = Object.values(instruments).map((instrument) => {
    const attributes = Object.entries(instrument.attributes ?? {}).map(
      ([name, values]) => `\`${name.replaceAll('.', '_')}\`: ${values}`,
    );
    const { kind, unit, description } = instrument;
    return `| \`${prometheusName(instrument)}\` | ${kind} | \`${unit}\` | ${attributes.join('; ')} | ${description} |\n`;
  });
  return HEAD + rows.join('');
}
