import { LINEAR_GROUPS, type LinearGroup, type Sample } from '../core/index.js';
import { indexOf, type LinearFeatures } from './linear-features.js';

/** What the linear part reads of a sample. */
export type LinearRow = Pick<Sample, 'domain' | 'userFeatureIds' | 'item' | 'historyTarget' | 'historySource'>;

// Small numbers are no feature ids in practice: those are 50-bit hashes.
const BIAS = indexOf(1);
const DOMAIN = [indexOf(2), indexOf(3)] as const;
/** An item clicked before is another feature than the same item as candidate. */
const CLICKED_TARGET = indexOf(4);
const CLICKED_SOURCE = indexOf(5);
const FIRST_STATISTIC = 16;
const FIRST_MATCH = 1024;
/** Clicks since a match beyond this are all the same. */
const MAX_SINCE = 63;

export type LinearCross = readonly [LinearGroup, LinearGroup];

/** The interactions that mattered on real streams (docs/experiments.md). */
const STANDARD: readonly LinearCross[] = [
  ['user', 'itemFeatures'],
  ['userFeatures', 'itemFeatures'],
  ['userFeatures', 'item'],
  ['user', 'domain'],
  ['userFeatures', 'domain'],
  ['item', 'historyTarget'],
  ['item', 'historySource'],
  ['domain', 'counters'],
  ['counters', 'counters'],
  ['domain', 'matches'],
];

/** Crosses as pairs of places in `LINEAR_GROUPS`. */
export type CompiledCrosses = Uint8Array;

/** Null: the standard ones. */
export function compileCrosses(crosses: readonly LinearCross[] | null): CompiledCrosses {
  return Uint8Array.from((crosses ?? STANDARD).flat(), (group) => LINEAR_GROUPS.indexOf(group));
}

export const STANDARD_CROSSES = compileCrosses(null);

/** One bit a group, in the order of `LINEAR_GROUPS`. */
const ALL_GROUPS = 2 ** LINEAR_GROUPS.length - 1;

/** The groups a part reads, as bits; null: all. */
export function compileGroups(groups: readonly LinearGroup[] | null): number {
  return groups === null ? ALL_GROUPS : groups.reduce((bits, group) => bits | (1 << LINEAR_GROUPS.indexOf(group)), 0);
}

/** [groups + 1] where each group of the row at hand begins; scratch. */
const bounds = new Int32Array(LINEAR_GROUPS.length + 1);

/**
 * The row's features: bias, domain, user, item, attributes, clicked items of each domain (each 1 / sqrt(n), so that a
 * long history is no louder than a short one), statistics and matches, then the crosses. A match says how many clicks ago,
 * in the domain where it is more recent, an item with the same attribute was clicked: 1 / n for each attribute.
 * `statistics` are the columns of the click counters as they stood before the impression; none where they are not kept.
 * Of `groups`, those left out are empty.
 */
export function fillLinearFeatures(
  features: LinearFeatures,
  row: LinearRow,
  statistics: Float32Array,
  crosses: CompiledCrosses,
  groups = ALL_GROUPS,
): void {
  const { userFeatureIds, historyTarget, historySource } = row;
  const { featureIds } = row.item;
  features.clear();
  features.push(BIAS, 1);
  bounds[0] = features.length;
  if (groups & 1) features.push(DOMAIN[row.domain === 1 ? 1 : 0], 1);
  bounds[1] = features.length;
  if (groups & 2) features.push(indexOf(userFeatureIds[0]!), 1);
  bounds[2] = features.length;
  if (groups & 4) for (let i = 1; i < userFeatureIds.length; i++) features.push(indexOf(userFeatureIds[i]!), 1);
  bounds[3] = features.length;
  if (groups & 8) features.push(indexOf(featureIds[0]!), 1);
  bounds[4] = features.length;
  if (groups & 16) for (let i = 1; i < featureIds.length; i++) features.push(indexOf(featureIds[i]!), 1);
  bounds[5] = features.length;
  if (groups & 32) pushClicked(features, historyTarget, CLICKED_TARGET);
  bounds[6] = features.length;
  if (groups & 64) pushClicked(features, historySource, CLICKED_SOURCE);
  bounds[7] = features.length;
  if (groups & 128)
    for (let i = 0; i < statistics.length; i++) features.push(indexOf(FIRST_STATISTIC + i), statistics[i]!);
  bounds[8] = features.length;
  if (groups & 256) pushMatches(features, row);
  bounds[9] = features.length;

  for (let c = 0; c < crosses.length; c += 2) {
    const [a, b] = [crosses[c]!, crosses[c + 1]!];
    const [firstB, endB] = [bounds[b]!, bounds[b + 1]!];
    // of a group with itself each pair once, squares included
    if (a === b) for (let i = firstB; i < endB; i++) features.cross(i, i + 1, i, endB);
    else features.cross(bounds[a]!, bounds[a + 1]!, firstB, endB);
  }
}

function pushClicked(features: LinearFeatures, items: LinearRow['historyTarget'], salt: number): void {
  const value = 1 / Math.sqrt(items.length);
  for (let i = 0; i < items.length; i++) features.push(indexOf(items[i]!.featureIds[0]!) ^ salt, value);
}

function pushMatches(features: LinearFeatures, { item, historyTarget, historySource }: LinearRow): void {
  const { featureIds } = item;
  const first = features.length;
  const value = 1 / (featureIds.length - 1);
  for (let i = 1; i < featureIds.length; i++) {
    const id = featureIds[i]!;
    const since = Math.min(clicksSince(historyTarget, id), clicksSince(historySource, id));
    features.pushOrAdd(indexOf(FIRST_MATCH + since), value, first);
  }
}

/** Clicks after the latest one of an item with the attribute; one beyond the most where there is none. */
function clicksSince(items: LinearRow['historyTarget'], attribute: number): number {
  for (let i = items.length - 1; i >= 0; i--) {
    const { featureIds } = items[i]!;
    for (let k = 1; k < featureIds.length; k++) {
      if (featureIds[k] === attribute) return Math.min(MAX_SINCE, items.length - 1 - i);
    }
  }
  return MAX_SINCE + 1;
}
