import type { ClickEvent, Feature, Sample } from '../../core/index.js';
import type { SliceNames } from './slice-names.js';

/** Values of an impression's features that are slices, so that a log of long lists stays affordable. */
const MOST_VALUES = 32;
/** Lower ends of the groups. */
const ITEM_AGES = [0, 1, 10, 100, 1000] as const;
const HISTORY_LENGTHS = [0, 1, 3, 10, 30] as const;
const ITEM_AGE_NAMES = groupNames(ITEM_AGES, 'impressions');
const HISTORY_NAMES = groupNames(HISTORY_LENGTHS, 'clicks');

/** The slices that an impression is of, as known before it; the first is its partition. */
export function takeSlices(names: SliceNames, event: ClickEvent, sample: Sample, partition: string): Uint32Array {
  const slices = [
    names.take('partition', partition),
    names.take('item age', ITEM_AGE_NAMES[groupOf(ITEM_AGES, sample.item.impressions)]!),
    names.take(
      'history length',
      HISTORY_NAMES[groupOf(HISTORY_LENGTHS, sample.historyTarget.length + sample.historySource.length)]!,
    ),
    names.take('features', featureSet(event)),
  ];
  if (event.schemaId !== undefined) slices.push(names.take('schema version', String(event.schemaId)));
  takeValues(names, 'user.', event.userFeatures, slices);
  takeValues(names, 'item.', event.itemFeatures, slices);
  return Uint32Array.from(slices);
}

function takeValues(names: SliceNames, prefix: string, features: readonly Feature[], slices: number[]): void {
  for (const { name, values } of features) {
    for (const value of values) {
      if (slices.length >= MOST_VALUES) return;
      const slice = names.take(prefix + name, value);
      if (slices.includes(slice)) names.release(Uint32Array.of(slice));
      else slices.push(slice);
    }
  }
}

function featureSet({ userFeatures, itemFeatures }: ClickEvent): string {
  let present = '';
  for (const { name } of userFeatures) present += ` user.${name}`;
  for (const { name } of itemFeatures) present += ` item.${name}`;
  return present === '' ? 'none' : present.slice(1);
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
