import type { Domain } from '../../core/index.js';
import { percent } from '../figures.js';
import type { FeatureLeak } from '../label-leaks.js';
import { eachDomain, type LogCensus } from '../log-census.js';
import { type Check, fail, pass, warn } from './check.js';

/** No honest feature tells clicks apart as well as this by itself. */
const KNOWS = 0.95;
const SUSPECT = 0.85;
/** Clicks, and other impressions, without which nothing is said. */
const ENOUGH = 50;

/** Whether a feature by itself tells clicks from other impressions too well to be known before the click. */
export function checkLeaks(census: LogCensus): Check[] {
  return eachDomain(census).flatMap(([domain, { leaks, clicked, notClicked }]) =>
    Math.min(clicked, notClicked) < ENOUGH ? [] : checkDomain(domain, leaks.results()),
  );
}

function checkDomain(domain: Domain, features: readonly FeatureLeak[]): Check[] {
  const name = `${domain} leaks`;
  const [best] = features;
  if (best === undefined) return [];
  const suspects = features.filter(({ low }) => low >= SUSPECT);
  if (suspects.length === 0) {
    return [pass(name, `no feature tells clicks apart too well; ${best.name} best, AUC ${best.auc.toFixed(3)}`)];
  }
  const names = suspects.map((feature) => feature.name).join(', ');
  const details = suspects.map(described);
  const remedy = `find out when ${names} is written: what is known only after the click must not be a feature (take it out of columns.userFeatures or columns.itemFeatures)`;
  return suspects.some(({ low }) => low >= KNOWS)
    ? [fail(name, `${names} seems to know the label`, remedy, details)]
    : [warn(name, `${names} tells clicks apart suspiciously well`, remedy, details)];
}

function described({ name, auc, low, high, examples }: FeatureLeak): string {
  const rates = examples.map(({ value, rows, rate }) => `${percent(rate)} of ${rows} rows with ${value} are clicked`);
  return `${name}: AUC ${auc.toFixed(3)} by itself (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}); ${rates.join(', ')}`;
}
