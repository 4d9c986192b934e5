import { expect, it } from 'vitest';
import { engineOptions } from '../../../pipelines/assembly.js';
import { type LoadedVersion, Scorer } from '../../../src/client/index.js';
import { parseConfig } from '../../../src/config/index.js';
import { SeededRandom, type ServingPart } from '../../../src/core/index.js';
import { EmbeddingTable } from '../../../src/parameters/index.js';
import {
  decodeServing,
  type EncodedVersion,
  encodeServing,
  encodeVersion,
  type RowFormat,
  shapesOf,
} from '../../../src/versions/index.js';
import { dadinModel } from '../../../src/zoo/index.js';

const DELTAS = 1000;
const IDS = 400;

const config = parseConfig('', 'test', {
  env: {},
  overrides: [
    'model.preset=paper',
    'model.width=4',
    'model.hidden=[4]',
    'training.maxRows=300',
    'training.ttlMs.user=40000',
  ],
});
const engine = engineOptions(config);
const { layout, discriminatorsFrom } = dadinModel(engine.model);

function versionOf(part: ServingPart, rows: RowFormat, parent: EncodedVersion | null): EncodedVersion {
  const trainedSpace = { mode: 'wait' as const, negativeRate: 1 };
  const scorer = {
    model: engine.model,
    baseline: null,
    history: { length: 5, sourceClicks: true },
    sharedFeatures: [],
  };
  return encodeVersion(
    {
      kind: part.wholeBecause === null ? 'delta' : 'full',
      number: (parent?.number ?? 0) + 1,
      parent: parent === null ? null : { number: parent.number, digest: parent.digest },
      wholeBecause: part.wholeBecause,
      lineage: 'test',
      rows,
      tables: shapesOf(part.tables),
      name: 'test',
      step: 0,
      events: 0,
      eventTimeMs: 0,
      configDigest: '',
      backend: 'fused',
      backendSettings: {},
      metrics: {},
      scorer: { ...scorer, statistics: null, linear: null, trainedSpace },
    },
    encodeServing(part, rows),
  );
}

it.each<RowFormat>(['float32', 'float16', 'int8'])(
  'a thousand deltas in a chain, with rows made, changed and evicted between them, equal one full version: %s',
  async (rows) => {
    const random = new SeededRandom(1, 'chain');
    const flat = new Float32Array(layout.length);
    const table = new EmbeddingTable({ ...engine.table, width: engine.model.width, seed: 1 });
    const dense = layout.tensors(flat).filter(({ data }) => data.byteOffset < 4 * discriminatorsFrom);
    const follower = await Scorer.create();
    const load = (scorer: Scorer, version: EncodedVersion) =>
      scorer.load(version satisfies LoadedVersion, decodeServing(version.model, version.manifest));

    let last: EncodedVersion | null = null;
    const kinds = { full: 0, delta: 0 };
    let removed = 0;
    for (let k = 0; k <= DELTAS; k++) {
      const timeMs = 1000 * (k + 1);
      table.sweep(timeMs);
      const count = 1 + random.below(8);
      const touched = Int32Array.from({ length: count }, () => table.admit(1 + random.below(IDS), timeMs));
      table.apply(
        Int32Array.from(new Set(touched)),
        new Float32Array(new Set(touched).size * 4).fill(0.1),
        0.01,
        timeMs,
      );
      table.sweep(timeMs + 1);
      for (let i = 0; i < flat.length; i++) flat[i] = random.next();
      const part: ServingPart = { ...table.serving(null), tensors: dense };
      last = versionOf(part, rows, last);
      kinds[last.manifest.kind]++;
      removed += last.manifest.tables.embedding!.removed;
      load(follower, last);
      table.published();
    }
    expect(kinds).toEqual({ full: 1, delta: DELTAS });
    expect(removed).toBeGreaterThan(100);

    const whole = { ...table.serving('to compare'), tensors: dense };
    const reader = await Scorer.create();
    load(reader, versionOf(whole, rows, null));
    const content = (scorer: Scorer) => encodeServing(scorer.whole('to compare'));
    expect(content(follower).equals(content(reader))).toBe(true);
    if (rows === 'float32') expect(content(follower).equals(encodeServing(whole))).toBe(true);
  },
);
