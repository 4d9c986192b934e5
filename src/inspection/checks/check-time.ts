import { dateTime, duration, percent } from '../figures.js';
import { eachDomain, type LogCensus } from '../log-census.js';
import { type Check, fail, pass, warn } from './check.js';

const EARLIEST_MS = Date.UTC(1990, 0);
const LATEST_MS = Date.UTC(2100, 0);
/** A silence this long, as a share of the whole, usually means that a file is missing. */
const GAP_SHARE = 0.2;

/** Whether event times are plausible, the domains run side by side, and nothing seems to be missing between. */
export function checkTime(census: LogCensus): Check {
  const domains = eachDomain(census).filter(([, { firstMs }]) => Number.isFinite(firstMs));
  if (domains.length === 0) return fail('time', 'no event has a time', 'see the check of records');
  const ranges = domains.map(
    ([domain, { firstMs, lastMs }]) =>
      `${domain}: ${dateTime(firstMs)} to ${dateTime(lastMs)} (${duration(lastMs - firstMs)})`,
  );
  const firstMs = Math.min(...domains.map(([, d]) => d.firstMs));
  const lastMs = Math.max(...domains.map(([, d]) => d.lastMs));
  if (firstMs < EARLIEST_MS || lastMs > LATEST_MS) {
    const remedy =
      'correct columns.eventTime.format (seconds read as ms lie in 1970, ms read as seconds far ahead), unless the log counts from a start of its own';
    return warn('time', `${dateTime(firstMs)} to ${dateTime(lastMs)} is hardly when it happened`, remedy, ranges);
  }
  const [a, b] = domains.map(([, domain]) => domain);
  if (a !== undefined && b !== undefined && (a.lastMs < b.firstMs || b.lastMs < a.firstMs)) {
    const remedy =
      'give logs of the same days, and check the time zones: histories of one domain help the other only then';
    return (census.isCut ? warn : fail)('time', 'the two domains do not overlap in time', remedy, ranges);
  }
  const gap = census.longestGap;
  const length = gap === null ? 0 : gap.toMs - gap.fromMs;
  const share = lastMs === firstMs ? 0 : length / (lastMs - firstMs);
  const longest =
    gap === null
      ? []
      : [`longest silence ${duration(length)}, from ${dateTime(gap.fromMs)} (${percent(share)} of the time)`];
  const details = [...ranges, ...longest];
  if (share > GAP_SHARE && census.events > 100) {
    return warn('time', `nothing happens for ${duration(length)}`, 'see whether files are missing', details);
  }
  return pass('time', `${duration(lastMs - firstMs)} of events`, details);
}
