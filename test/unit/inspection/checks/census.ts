import type { ClickEvent } from '../../../../src/core/index.js';
import { LogCensus } from '../../../../src/inspection/log-census.js';

export const START_MS = Date.UTC(2024, 0);

/** An impression of user u at item i with its label; fields can be replaced. */
export function event(at: number, change: Partial<ClickEvent> = {}): ClickEvent {
  return {
    eventId: `e${at}`,
    kind: 'impression',
    impressionId: `e${at}`,
    eventTimeMs: START_MS + at * 1000,
    domain: 'target',
    userId: 'u',
    itemId: 'i',
    clicked: false,
    userFeatures: [],
    itemFeatures: [],
    row: at,
    ...change,
  };
}

export function censusOf(events: readonly ClickEvent[], attributionWindowMs = 60_000): LogCensus {
  const census = new LogCensus(attributionWindowMs);
  census.records = events.length;
  for (const one of events) census.add(one);
  census.close();
  return census;
}
