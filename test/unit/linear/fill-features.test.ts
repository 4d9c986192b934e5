import { describe, expect, it } from 'vitest';
import type { Item } from '../../../src/core/index.js';
import { LINEAR_GROUPS } from '../../../src/core/index.js';
import {
  compileCrosses,
  compileGroups,
  fillLinearFeatures,
  LinearFeatures,
  type LinearRow,
  STANDARD_CROSSES,
} from '../../../src/linear/index.js';
import { crossIndex, indexOf } from '../../../src/linear/linear-features.js';

function itemOf(domain: number, ...ids: number[]): Item {
  return { serial: 0, domain, featureIds: Float64Array.from(ids), impressions: 0, batchStamp: -1, batchSlot: -1 };
}

const ROW: LinearRow = {
  domain: 1,
  userFeatureIds: [1001, 1002],
  item: itemOf(1, 2001, 3001, 3002, 3003),
  historyTarget: [itemOf(1, 2002), itemOf(1, 2003, 3001)],
  historySource: [itemOf(0, 4001)],
};

function pairsOf(features: LinearFeatures): [number, number][] {
  return Array.from({ length: features.length }, (_, i) => [features.indices[i]!, features.values[i]!]);
}

describe('fillLinearFeatures', () => {
  it('has each namespace once and the crosses of the recipe', () => {
    const features = new LinearFeatures();
    fillLinearFeatures(features, ROW, Float32Array.of(0.5, -2), STANDARD_CROSSES);
    // bias, domain, 2 user, item, 3 attributes, 3 clicked, 2 statistics, 2 matches;
    // 2x3 + 1x1 + 2x1 + 1x3 + 1x2 + 3 + 1x2 crosses
    expect(features.length).toBe(1 + 1 + 2 + 1 + 3 + 3 + 2 + 2 + 6 + 1 + 2 + 3 + 2 + 3 + 2);
    const pairs = pairsOf(features);
    expect(new Set(pairs.map(([index]) => index)).size).toBe(pairs.length);
    expect(pairs).toContainEqual([crossIndex(indexOf(1002), indexOf(3003)), 1]);
    // squares and the product of the statistics
    expect(pairs.slice(-5, -2).map(([, value]) => value)).toEqual([0.25, -1, 4]);
    expect(pairs.filter(([, value]) => value === Math.fround(Math.SQRT1_2))).toHaveLength(4);
  });

  it('says how many clicks ago each attribute was clicked, in the domain where it is more recent', () => {
    const clicks = (...attributes: number[]): Item[] => attributes.map((a, i) => itemOf(1, 2500 + i, a));
    const matches = (row: Partial<LinearRow>): [number, number][] => {
      const features = new LinearFeatures();
      const empty = { ...ROW, historyTarget: [], historySource: [], ...row };
      fillLinearFeatures(features, empty, new Float32Array(0), compileCrosses([]), compileGroups(['matches']));
      return pairsOf(features).slice(1);
    };
    const [third, twoThirds] = [Math.fround(1 / 3), Math.fround(2 / 3)];
    expect(matches({})).toEqual([[indexOf(1024 + 64), expect.closeTo(1, 6)]]);
    expect(matches({ historyTarget: clicks(3002, 3009, 3001, 3009) })).toEqual([
      [indexOf(1024 + 1), third],
      [indexOf(1024 + 3), third],
      [indexOf(1024 + 64), third],
    ]);
    expect(
      matches({ historyTarget: clicks(3001, ...Array(100).fill(3009)), historySource: clicks(3002, 3003, 3002, 3001) }),
    ).toEqual([
      [indexOf(1024 + 0), third],
      [indexOf(1024 + 1), third],
      [indexOf(1024 + 2), third],
    ]);
    expect(matches({ historyTarget: clicks(3001, 3002, ...Array(100).fill(3009)) })).toEqual([
      [indexOf(1024 + 63), twoThirds],
      [indexOf(1024 + 64), third],
    ]);
    expect(matches({ item: itemOf(1, 2001), historyTarget: clicks(2001) })).toEqual([]);
  });

  it('leaves nothing of the row before', () => {
    const features = new LinearFeatures();
    fillLinearFeatures(features, ROW, new Float32Array(10).fill(1), STANDARD_CROSSES);
    fillLinearFeatures(features, { ...ROW, historySource: [] }, new Float32Array(0), STANDARD_CROSSES);
    const fresh = new LinearFeatures();
    fillLinearFeatures(fresh, { ...ROW, historySource: [] }, new Float32Array(0), STANDARD_CROSSES);
    expect(pairsOf(features)).toEqual(pairsOf(fresh));
  });

  it('tells a clicked item from the candidate, and the two domains apart', () => {
    const only = (row: Partial<LinearRow>): number[] => {
      const features = new LinearFeatures();
      fillLinearFeatures(
        features,
        { ...ROW, historyTarget: [], historySource: [], ...row },
        new Float32Array(0),
        STANDARD_CROSSES,
      );
      return pairsOf(features).map(([index]) => index);
    };
    const plain = new Set(only({}));
    const target = only({ historyTarget: [itemOf(1, 2001)] }).filter((index) => !plain.has(index));
    const source = only({ historySource: [itemOf(1, 2001)] }).filter((index) => !plain.has(index));
    expect(target).toHaveLength(2);
    expect(source).toHaveLength(2);
    expect(target).not.toContain(source[0]);
    expect(only({ domain: 0 })[1]).not.toBe(only({ domain: 1 })[1]);
  });

  it('crosses the groups asked for, and no others', () => {
    const features = new LinearFeatures();
    const pairs = [
      ['userFeatures', 'historySource'],
      ['itemFeatures', 'itemFeatures'],
    ] as const;
    fillLinearFeatures(features, ROW, new Float32Array(0), compileCrosses(pairs));
    const attributes = [3001, 3002, 3003].map((id) => indexOf(id));
    const crossed = pairsOf(features)
      .slice(13)
      .map(([index]) => index);
    expect(crossed).toEqual([
      crossIndex(indexOf(1002), features.indices[10]!),
      ...attributes.flatMap((a, i) => attributes.slice(i).map((b) => crossIndex(a, b))),
    ]);
    fillLinearFeatures(features, ROW, new Float32Array(0), compileCrosses([]));
    expect(features.length).toBe(13);
  });

  it('reads the groups asked for, and no others', () => {
    const features = new LinearFeatures();
    const read = (...groups: (typeof LINEAR_GROUPS)[number][]) => {
      const statistics = Float32Array.of(0.5, -2);
      fillLinearFeatures(features, ROW, statistics, compileCrosses([]), compileGroups(groups));
      return features.length - 1;
    };
    const whole = new LinearFeatures();
    fillLinearFeatures(whole, ROW, Float32Array.of(0.5, -2), compileCrosses([]));
    const groups = LINEAR_GROUPS.map((group) => read(group));
    expect(groups.reduce((a, b) => a + b)).toBe(whole.length - 1);
    expect(groups.every((n) => n > 0)).toBe(true);
    expect(read()).toBe(0);
    expect(read('domain')).toBe(1);
    const target = pairsOf(features)[1]![0];
    fillLinearFeatures(
      features,
      { ...ROW, domain: 1 - ROW.domain },
      new Float32Array(0),
      compileCrosses([]),
      compileGroups(['domain']),
    );
    expect(pairsOf(features)[1]![0]).not.toBe(target);
  });

  it('grows without losing features', () => {
    const features = new LinearFeatures();
    for (let i = 0; i < 1000; i++) features.push(i, i / 2);
    expect(pairsOf(features)).toEqual(Array.from({ length: 1000 }, (_, i) => [i, i / 2]));
  });
});
