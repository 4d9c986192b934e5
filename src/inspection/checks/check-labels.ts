import type { Config } from '../../config/index.js';
import type { Domain } from '../../core/index.js';
import { counted, duration, percent } from '../figures.js';
import { type DomainCensus, eachDomain, type LogCensus } from '../log-census.js';
import { type Check, fail, pass, warn } from './check.js';

const SMALLEST_RATE = 0.0005;
const LARGEST_RATE = 0.9;
/** Fewer impressions at the head of a longer log may lack a class by chance. */
const ENOUGH_ROWS = 1000;
/** A larger share of clicks without impression means that the ids are not the same thing. */
const ORPHAN_SHARE = 0.05;

/** Whether each domain has what a click model needs: impressions with and without a click. */
export function checkLabels(census: LogCensus, config: Config): Check[] {
  return eachDomain(census).map(([domain, counts]) => checkDomain(domain, counts, config, census.isCut));
}

function checkDomain(domain: Domain, counts: DomainCensus, config: Config, isCut: boolean): Check {
  const name = `${domain} labels`;
  const { impressions, clicked, notClicked } = counts;
  if (impressions === 0) {
    const remedy = `DADIN learns from two domains: add a log with domain: ${domain} to input.files`;
    return fail(name, 'no impressions', remedy);
  }
  const summary = `${impressions} impressions, ${clicked} clicked (${percent(clicked / impressions)})`;
  if ((clicked === 0 || notClicked === 0) && isCut && impressions < ENOUGH_ROWS) {
    return warn(name, `too few to tell: ${summary}`, 'read more with --max-events');
  }
  if (notClicked === 0) return fail(name, `no negatives: ${summary}`, noNegatives(domain, config));
  if (clicked === 0) {
    const remedy =
      'correct columns.label: its `equals` or `atLeast` matches no row (or, told later, no click finds its impression)';
    return fail(name, `no clicks: ${summary}`, remedy);
  }
  const rate = clicked / impressions;
  if (rate < SMALLEST_RATE || rate > LARGEST_RATE) {
    return warn(name, `an unusual rate: ${summary}`, 'make sure that columns.label names clicks the right way round');
  }
  if (clicked < config.evaluation.windowPositives) {
    const remedy = `a rolling window wants ${config.evaluation.windowPositives} clicks (evaluation.windowPositives): its AUC will cover the whole run, with a wide interval`;
    return warn(name, `few clicks: ${summary}`, remedy);
  }
  return pass(name, summary);
}

function noNegatives(domain: Domain, config: Config): string {
  const isClicksOnly = config.input.files.some(
    (entry) => (entry.domain === domain || typeof entry.domain !== 'string') && 'always' in entry.columns.label,
  );
  const why = isClicksOnly
    ? 'this log holds clicks only, and from clicks alone nobody can learn what is not clicked'
    : 'every row counts as clicked, and from clicks alone nobody can learn what is not clicked';
  return [
    why,
    'log what was shown as well (one row an impression, label 0 or 1; or impressions and clicks apart, with label: {later: true})',
    'or sample negatives: for every click a few items that were popular at that time and that the user did not click, as rows with label 0 and the time of the click; click rates and calibration then mean the sample, AUC still compares models',
    ...(isClicksOnly ? [] : ['or correct columns.label if the log does have them']),
  ].join('\n');
}

/** Where clicks come as messages of their own: whether they find their impressions. */
export function checkJoin(census: LogCensus, config: Config): Check[] {
  const { matched, tooLate, orphaned, repeated, orphanExamples } = census.clicks;
  const all = matched + tooLate + orphaned + repeated;
  if (all === 0) return [];
  const window = duration(config.labels.attributionWindowMs);
  const summary = `${matched} of ${counted(all, 'click')} find their impression within ${window} (${percent(matched / all)})`;
  const details = [
    ...(tooLate > 0 ? [`${tooLate} come later than labels.attributionWindowMs`] : []),
    ...(repeated > 0 ? [`${repeated} repeat a click on the same impression`] : []),
    ...(orphaned > 0 ? [`${orphaned} without impression, such as of ${orphanExamples.join(', ')}`] : []),
  ];
  if (matched === 0 && tooLate === 0) {
    const remedy = 'columns.impressionId must name the same id in impressions and clicks';
    return [fail('join', summary, remedy, details)];
  }
  if (tooLate / all > ORPHAN_SHARE) {
    return [warn('join', summary, 'raise labels.attributionWindowMs: late clicks count as not clicked', details)];
  }
  if (orphaned / all > ORPHAN_SHARE) {
    return [warn('join', summary, 'see whether impressions are missing from the log', details)];
  }
  return [pass('join', summary, details)];
}
