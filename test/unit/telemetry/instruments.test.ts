import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  INSTRUMENTS,
  type InstrumentDescription,
  prometheusName,
  SERVING_INSTRUMENTS,
} from '../../../src/telemetry/instruments.js';
import { metricsMarkdown } from '../../../src/telemetry/metrics-markdown.js';

const all: readonly InstrumentDescription[] = [...Object.values(INSTRUMENTS), ...Object.values(SERVING_INSTRUMENTS)];

it('docs/metrics.md is up to date', () => {
  expect(readFileSync('docs/metrics.md', 'utf8')).toBe(metricsMarkdown());
});

it('every instrument has its own name, a unit and a sentence', () => {
  expect(new Set(all.map(prometheusName)).size).toBe(all.length);
  for (const { name, unit, description } of all) {
    expect(name).toMatch(/^(dadin|messaging)\.[a-z_.]+$/);
    expect(unit, name).toMatch(/^(s|By|1|nat|\{[a-z]+\})$/);
    expect(description, name).toMatch(/[.)]$/);
  }
});

it('counters end in _total for Prometheus, nothing else does', () => {
  expect(prometheusName(INSTRUMENTS.events)).toBe('dadin_events_total');
  expect(prometheusName(INSTRUMENTS.auc)).toBe('dadin_auc');
  for (const { name } of all) expect(name).not.toMatch(/total$/);
});
