import type { Sample } from '../core/index.js';
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

/**
 * The row's features: bias, domain, user, item, attributes, clicked items of each domain (each 1 / sqrt(n), so that a
 * long history is no louder than a short one) and statistics; crossed user x attribute, user x domain, item x clicked
 * item, domain x statistic and statistic x statistic. `statistics` are the columns of the click counters as they stood
 * before the impression; none where they are not kept.
 */
export function fillLinearFeatures(features: LinearFeatures, row: LinearRow, statistics: Float32Array): void {
  features.clear();
  features.push(BIAS, 1);
  const domain = features.length;
  features.push(DOMAIN[row.domain === 1 ? 1 : 0], 1);
  const user = features.length;
  for (let i = 0; i < row.userFeatureIds.length; i++) features.push(indexOf(row.userFeatureIds[i]!), 1);
  const item = features.length;
  const { featureIds } = row.item;
  features.push(indexOf(featureIds[0]!), 1);
  const attributes = features.length;
  for (let i = 1; i < featureIds.length; i++) features.push(indexOf(featureIds[i]!), 1);
  const clicked = features.length;
  pushClicked(features, row.historyTarget, CLICKED_TARGET);
  pushClicked(features, row.historySource, CLICKED_SOURCE);
  const first = features.length;
  for (let i = 0; i < statistics.length; i++) features.push(indexOf(FIRST_STATISTIC + i), statistics[i]!);
  const end = features.length;

  features.cross(user, item, attributes, clicked);
  features.cross(user, item, domain, user);
  features.cross(item, attributes, clicked, first);
  features.cross(domain, user, first, end);
  for (let i = first; i < end; i++) features.cross(i, i + 1, i, end);
}

function pushClicked(features: LinearFeatures, items: LinearRow['historyTarget'], salt: number): void {
  const value = 1 / Math.sqrt(items.length);
  for (let i = 0; i < items.length; i++) features.push(indexOf(items[i]!.featureIds[0]!) ^ salt, value);
}
