import type { Meter } from '@opentelemetry/api';
import { SERVING_INSTRUMENTS } from './instruments.js';

/** The version that a scoring service uses. */
interface ServedVersion {
  readonly number: number;
  readonly manifest: { readonly eventTimeMs: number | null };
}

/** What a scoring service tells of itself. */
export interface ServingObserver {
  /** Another version is in use, from now on. */
  swapped(version: ServedVersion): void;
  /** A version was passed over, or could not be read. */
  problem(): void;
}

/** Metrics of a scoring service; `latest`: the version in use, null before the first. */
export function observeServing(meter: Meter, latest: () => ServedVersion | null): ServingObserver {
  const { servedVersion, servedEventTime, clickToServed, servedProblems } = SERVING_INSTRUMENTS;
  meter.createObservableGauge(servedVersion.name, servedVersion).addCallback((result) => {
    const version = latest();
    if (version !== null) result.observe(version.number);
  });
  meter.createObservableGauge(servedEventTime.name, servedEventTime).addCallback((result) => {
    const eventTimeMs = latest()?.manifest.eventTimeMs ?? null;
    if (eventTimeMs !== null) result.observe(eventTimeMs / 1000);
  });
  const delay = meter.createHistogram(clickToServed.name, {
    ...clickToServed,
    advice: { explicitBucketBoundaries: [...clickToServed.buckets] },
  });
  const problems = meter.createCounter(servedProblems.name, servedProblems);
  return {
    swapped({ manifest: { eventTimeMs } }) {
      if (eventTimeMs !== null) delay.record((Date.now() - eventTimeMs) / 1000);
    },
    problem: () => problems.add(1),
  };
}
