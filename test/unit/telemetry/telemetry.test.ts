import { afterEach, expect, it } from 'vitest';
import { createHistograms, dadinMeter } from '../../../src/telemetry/histograms.js';
import { INSTRUMENTS, type InstrumentDescription, prometheusName } from '../../../src/telemetry/instruments.js';
import { Telemetry } from '../../../src/telemetry/telemetry.js';
import { runReading } from '../../run-readings.js';

let telemetry: Telemetry;
afterEach(() => telemetry.shutdown());

function start(): Telemetry {
  telemetry = new Telemetry({
    serviceName: 'test',
    otlpEndpoint: null,
    traceShare: 0,
    complain: (message) => {
      throw new Error(message);
    },
  });
  return telemetry;
}

it('every instrument of the list stands under its name at /metrics, and no other', async () => {
  start();
  const histograms = createHistograms(dadinMeter());
  for (const histogram of Object.values(histograms)) histogram.record(0.01);
  telemetry.observe(() => runReading(64_000));
  const text = await telemetry.prometheus();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
  types.delete('target_info');
  const expected = Object.values(INSTRUMENTS).map((i: InstrumentDescription) => [prometheusName(i), i.kind] as const);
  expect([...types].sort()).toEqual([...expected].sort());
});

it('shows what the reading says, and nothing where it has no value', async () => {
  start();
  telemetry.observe(() => runReading(64_000, { checkpointAgeMs: null, step: null }));
  const text = await telemetry.prometheus();
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    );
  expect(value('dadin_events_total')).toBe(64_000);
  expect(value('dadin_dead_letters_total{reason="DADIN_RECORD_LATE"}')).toBe(5);
  expect(value('dadin_auc{domain="target"}')).toBeCloseTo(0.8 + Math.sin(64 / 50) / 20, 12);
  expect(value('dadin_source_lag{partition="news/0"}')).toBe(20);
  expect(text).not.toMatch(/^dadin_checkpoint_age /m);
  expect(text).not.toMatch(/^dadin_discriminator_loss_ratio\{/m);
  expect(text).not.toContain('command'); // of the process: it may hold what is nobody's business
});
