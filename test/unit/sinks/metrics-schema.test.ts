import { readFileSync } from 'node:fs';
import avro from 'avsc';
import { expect, it } from 'vitest';
import { DOMAINS } from '../../../src/core/index.js';
import { Evaluation, PublishedVersions } from '../../../src/evaluation/index.js';
import { EVALUATION } from '../../run-readings.js';
import { play } from '../evaluation/bad-day/planted.js';

interface AvroField {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
}
interface AvroRecord {
  readonly fields: readonly AvroField[];
}

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../../schemas/metrics.avsc', import.meta.url), 'utf8'),
) as avro.Schema & AvroRecord;

/** The metrics of a run as the schema has them. */
function record() {
  const evaluation = new Evaluation(EVALUATION);
  const versions = new PublishedVersions();
  for (let i = 0; i < 400; i++) {
    if (i === 200) versions.published(7, 200);
    const label = i % 3 === 0 ? 1 : 0;
    const row = {
      userId: `u${i % 9}`,
      logit: (i % 7) - 3,
      label,
      eventTimeMs: i,
      coldUser: false,
      newItem: false,
    } as const;
    evaluation.update('target', row);
    versions.add('target', row, i);
    if (i === 10) evaluation.restate('target', row);
  }
  evaluation.provisional('target', 5);
  const summary = evaluation.summary();
  const badDays = play({
    seed: 1,
    rows: 15_000,
    flips: ({ i, category }) => i >= 12_000 && category === 'travel',
  }).cards;
  expect(badDays.target).toHaveLength(1);
  return {
    step: 50,
    eventTimeMs: 400,
    modelVersion: '7',
    domains: DOMAINS.map((domain) => {
      const { window, restated, provisional, provisionalRows, drift, aucLow, aucHigh } = summary[domain];
      const { rows, positives, auc, logLoss, ne, calibration, ece, averagePrecision } = window;
      return {
        ...{ domain, rows, positives, auc, aucLow, aucHigh, logLoss, normalizedEntropy: ne, calibration },
        ...{ calibrationError: ece, averagePrecision, restated, provisional, provisionalRows },
        driftAlarms: drift.alarms,
        badDays: badDays[domain].map(({ domain: _, ...card }) => card),
      };
    }),
    losses: { label: 0.5 },
    events: 400,
    versions: DOMAINS.flatMap((domain) =>
      versions.summary()![domain].map(({ version, all }) => {
        const { rows, positives, auc, logLoss, ne, calibration } = all;
        return { version, domain, rows, positives, auc, logLoss, normalizedEntropy: ne, calibration };
      }),
    ),
  };
}

it('bad-day cards, provisional figures and figures by version come back as they were', () => {
  const type = avro.Type.forSchema(SCHEMA);
  const written = record();
  const read: unknown = JSON.parse(JSON.stringify(type.fromBuffer(type.toBuffer(written))));
  expect(read).toEqual(JSON.parse(JSON.stringify(written)));
  expect(written.domains[0]).toMatchObject({ restated: 1, provisional: true, provisionalRows: 5 });
  expect(written.versions.map(({ version, rows }) => [version, rows])).toEqual([
    [0, 200],
    [7, 200],
  ]);
});

it('a record written before it had them is read with their defaults', () => {
  const since = [
    'events',
    'versions',
    'averagePrecision',
    'restated',
    'provisional',
    'provisionalRows',
    'driftAlarms',
    'badDays',
  ];
  const without = ({ fields }: AvroRecord) => fields.filter(({ name }) => !since.includes(name));
  const fields = without(SCHEMA).map((field) => {
    if (field.name !== 'domains') return field;
    const { items } = field.type as { items: AvroRecord };
    return { ...field, type: { type: 'array', items: { ...items, fields: without(items) } } };
  });
  const old = avro.Type.forSchema({ ...(SCHEMA as AvroRecord), fields } as unknown as avro.Schema);
  const current = avro.Type.forSchema(SCHEMA);
  const read = current.fromBuffer(old.toBuffer(record()), current.createResolver(old));
  expect(read).toMatchObject({ step: 50, events: 0, versions: [] });
  expect(read.domains[0]).toMatchObject({ rows: 400, provisional: false, restated: 0, badDays: [] });
});
