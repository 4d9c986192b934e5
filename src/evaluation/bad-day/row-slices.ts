import type { ClickEvent, Feature, Sample } from '../../core/index.js';
import type { SliceNames } from './slice-names.js';

/** Values of an impression's features that are slices, so that a log of long lists stays affordable. */
const MOST_VALUES = 32;
/** Lower ends of the groups. */
const ITEM_AGES = [0, 1, 10, 100, 1000] as const;
const HISTORY_LENGTHS = [0, 1, 3, 10, 30] as const;
const ITEM_AGE_NAMES = groupNames(ITEM_AGES, 'impressions');
const HISTORY_NAMES = groupNames(HISTORY_LENGTHS, 'clicks');

/** Beyond it a log names its features at random, and they are concatenated after all. */
const MOST_DIMENSIONS = 4096;

/** Takes the slices that impressions are of, as known before them. */
export class RowSlices {
  readonly #names: SliceNames;
  /** Names of dimensions by names of features: a concatenation would be hashed anew for every value of every event. */
  readonly #userDimensions = new Map<string, string>();
  readonly #itemDimensions = new Map<string, string>();
  /** Of the event before: most have the same features. */
  #features: { readonly user: readonly string[]; readonly item: readonly string[]; readonly set: string } = {
    user: [],
    item: [],
    set: 'none',
  };

  constructor(names: SliceNames) {
    this.#names = names;
  }

  /** The first is the partition. */
  take(event: ClickEvent, { item, historyTarget, historySource }: Sample, partition: string): number[] {
    const names = this.#names;
    const clicks = historyTarget.length + historySource.length;
    const slices = [
      names.take('partition', partition),
      names.take('item age', ITEM_AGE_NAMES[groupOf(ITEM_AGES, item.impressions)]!),
      names.take('history length', HISTORY_NAMES[groupOf(HISTORY_LENGTHS, clicks)]!),
      names.take('features', this.#featureSet(event)),
    ];
    if (event.schemaId !== undefined) slices.push(names.take('schema version', String(event.schemaId)));
    this.#takeValues(this.#userDimensions, 'user.', event.userFeatures, slices);
    this.#takeValues(this.#itemDimensions, 'item.', event.itemFeatures, slices);
    return slices;
  }

  #takeValues(dimensions: Map<string, string>, prefix: string, features: readonly Feature[], slices: number[]): void {
    for (const { name, values } of features) {
      const dimension = dimensionOf(dimensions, prefix, name);
      for (const value of values) {
        if (slices.length >= MOST_VALUES) return;
        const slice = this.#names.take(dimension, value);
        if (slices.includes(slice)) this.#names.release([slice]);
        else slices.push(slice);
      }
    }
  }

  #featureSet({ userFeatures, itemFeatures }: ClickEvent): string {
    const { user, item, set } = this.#features;
    if (named(userFeatures, user) && named(itemFeatures, item)) return set;
    const names = {
      user: userFeatures.map(({ name }) => name),
      item: itemFeatures.map(({ name }) => name),
    };
    const all = [...names.user.map((name) => `user.${name}`), ...names.item.map((name) => `item.${name}`)];
    this.#features = { ...names, set: all.length === 0 ? 'none' : all.join(' ') };
    return this.#features.set;
  }
}

function named(features: readonly Feature[], names: readonly string[]): boolean {
  if (features.length !== names.length) return false;
  for (let i = 0; i < names.length; i++) if (features[i]!.name !== names[i]) return false;
  return true;
}

function dimensionOf(dimensions: Map<string, string>, prefix: string, name: string): string {
  const known = dimensions.get(name);
  if (known !== undefined) return known;
  const dimension = prefix + name;
  if (dimensions.size < MOST_DIMENSIONS) dimensions.set(name, dimension);
  return dimension;
}

function groupOf(lowerEnds: readonly number[], value: number): number {
  let group = 0;
  while (group + 1 < lowerEnds.length && value >= lowerEnds[group + 1]!) group++;
  return group;
}

function groupNames(lowerEnds: readonly number[], unit: string): string[] {
  return lowerEnds.map((low, i) => {
    const next = lowerEnds[i + 1];
    if (next === undefined) return `${low} ${unit} or more`;
    return next === low + 1 ? `${low} ${unit}` : `${low} to ${next - 1} ${unit}`;
  });
}
