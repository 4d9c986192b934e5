import type { Config } from '../../config/index.js';
import { counted, percent } from '../figures.js';
import { type DomainCensus, eachDomain, type LogCensus } from '../log-census.js';
import type { ValueTally } from '../value-tally.js';
import { type Check, fail, pass, warn } from './check.js';

const SMALL_OVERLAP = 0.05;
const MANY_NEW_ITEMS = 0.5;
/** Features are judged once this many rows were seen. */
const ENOUGH_ROWS = 1000;
const RARELY_FILLED = 0.01;
const ID_LIKE = 0.5;
const EXAMPLES = 4;

/** Whether the domains share users: what makes one help the other. */
export function checkUsers({ domains: { target, source }, isCut }: LogCensus): Check {
  const { users, impressions, withSourceHistory } = target;
  if (users.size === 0 || source.users.size === 0) {
    return fail('users', 'only one domain has users', 'give logs of both domains');
  }
  let shared = 0;
  for (const user of users) if (source.users.has(user)) shared++;
  const share = shared / users.size;
  const summary = `${shared} of ${counted(users.size, 'target user')} also in the source domain (${percent(share)})`;
  const details = [
    `source users: ${source.users.size}`,
    `target impressions of users with earlier source clicks: ${withSourceHistory} of ${impressions} (${percent(impressions === 0 ? null : withSourceHistory / impressions)})`,
  ];
  const remedy =
    'user ids must be the same in both logs (same hash, same prefix); without common users the source domain teaches only what items share';
  if (shared === 0) {
    const examples = `target ${first(users)}, source ${first(source.users)}`;
    return (isCut ? warn : fail)('users', summary, remedy, [...details, `examples: ${examples}`]);
  }
  return share < SMALL_OVERLAP ? warn('users', summary, remedy, details) : pass('users', summary, details);
}

/** How many items there are, and how many impressions meet an item for the first time. */
export function checkItems(census: LogCensus): Check {
  const domains = eachDomain(census).filter(([, { impressions }]) => impressions > 0);
  const details = domains.map(
    ([domain, { items, newItem, impressions }]) =>
      `${domain}: ${counted(items.size, 'item')}, ${percent(newItem / impressions)} of impressions are an item's first`,
  );
  const isMostlyNew = domains.some(
    ([, d]) => d.impressions >= ENOUGH_ROWS && d.newItem / d.impressions > MANY_NEW_ITEMS,
  );
  const summary = domains.map(([domain, { items }]) => `${items.size} ${domain}`).join(', ');
  if (!isMostlyNew) return pass('items', summary, details);
  const remedy =
    'make sure that columns.itemId names the item and not the request; for items shown once, item features carry the learning';
  return warn('items', `most are shown once: ${summary}`, remedy, details);
}

/** Cardinalities of the features, and whether shared ones share anything. */
export function checkFeatures(census: LogCensus, shared: Config['features']['shared']): Check {
  const details: string[] = [];
  const complaints: string[] = [];
  for (const [domain, counts] of eachDomain(census)) {
    for (const [side, tallies] of [
      ['user', counts.userFeatures],
      ['item', counts.itemFeatures],
    ] as const) {
      for (const [name, tally] of tallies) {
        const complaint = complain(tally, counts);
        const line = `${domain} ${side} ${name}: ${describe(tally, counts)}`;
        details.push(complaint === null ? line : `${line}  <- ${complaint}`);
        if (complaint !== null) complaints.push(`${domain} ${name}`);
      }
    }
  }
  const { target, source } = census.domains;
  for (const name of shared) {
    const [a, b] = [target.itemFeatures.get(name), source.itemFeatures.get(name)];
    const common = a === undefined || b === undefined ? 0 : [...a.values].filter((value) => b.values.has(value)).length;
    details.push(`shared ${name}: ${counted(common, 'common value')}`);
    if (common === 0) complaints.push(`shared ${name}`);
  }
  if (details.length === 0) return pass('features', 'none but the ids');
  const summary = counted(details.length, 'feature');
  if (complaints.length === 0) return pass('features', summary, details);
  const remedy =
    'leave out features that say nothing, bucket numbers with divideBy, mark lists with list: true; share only what means the same in both domains';
  return warn('features', `${complaints.join(', ')} of doubtful use`, remedy, details);
}

function complain(tally: ValueTally, { impressions }: DomainCensus): string | null {
  if (impressions < ENOUGH_ROWS) return null;
  if (tally.distinct === 1) return 'one value only';
  if (tally.filled / impressions < RARELY_FILLED) return 'hardly ever filled';
  return tally.distinct / tally.filled > ID_LIKE ? 'nearly a value a row' : null;
}

function describe(tally: ValueTally, { impressions }: DomainCensus): string {
  const distinct = tally.isFull ? `over ${tally.distinct} values` : counted(tally.distinct, 'value');
  const filled =
    tally.filled === impressions ? '' : `, missing in ${counted(impressions - tally.filled, 'impression')}`;
  return `${distinct}${filled} (${tally.examples(EXAMPLES).map(shorten).join(', ')}${tally.distinct > EXAMPLES ? ', ...' : ''})`;
}

function shorten(value: string): string {
  const line = value.replace(/\s+/g, ' ');
  return line.length > 24 ? `${line.slice(0, 21)}...` : line;
}

function first(values: ReadonlySet<string>): string {
  return [...values].slice(0, 3).map(shorten).join(' ');
}
