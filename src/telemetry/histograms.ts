import { type Histogram, type Meter, metrics } from '@opentelemetry/api';
import { INSTRUMENTS, type InstrumentDescription } from './instruments.js';

type HistogramKey = {
  [K in keyof typeof INSTRUMENTS]: (typeof INSTRUMENTS)[K]['kind'] extends 'histogram' ? K : never;
}[keyof typeof INSTRUMENTS];

export type Histograms = Readonly<Record<HistogramKey, Histogram>>;

/** The meter of the SDK that was started; one that drops everything where none was. */
export function dadinMeter(): Meter {
  return metrics.getMeter('dadin-stream');
}

export function createHistograms(meter: Meter): Histograms {
  const entries = Object.entries(INSTRUMENTS as Readonly<Record<string, InstrumentDescription>>).flatMap(
    ([key, { name, kind, unit, description, buckets }]) =>
      kind === 'histogram'
        ? [
            [
              key,
              meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...buckets!] } }),
            ],
          ]
        : [],
  );
  return Object.fromEntries(entries) as Histograms;
}
