import type { FileLogReport } from '../../sources/files/index.js';
import { counted, percent } from '../figures.js';
import type { LogCensus } from '../log-census.js';
import { type Check, fail, pass, warn } from './check.js';

/** A larger share of records that cannot be learned from is a wrong mapping, not bad luck. */
const FAILING_SHARE = 0.1;
/** A larger share of repeated events is worth a look at the log's writer. */
const DUPLICATE_SHARE = 0.05;

/** Whether records decode. Late ones are the business of `checkOrder`. */
export function checkDecoding(census: LogCensus): Check {
  const kinds = [...census.rejections].filter(([code]) => code !== 'DADIN_RECORD_LATE');
  const bad = kinds.reduce((sum, [, { count }]) => sum + count, 0);
  const read = census.isCut ? `the first ${census.records}` : `all ${census.records}`;
  if (census.records === 0) return fail('records', 'the log is empty', 'name files that hold records');
  if (bad === 0) return pass('records', `${read} decode`);
  const details = kinds.flatMap(([code, { count, examples }]) => [
    `${code} ${count}`,
    ...examples.map((e) => `  ${e}`),
  ]);
  const summary = `${bad} of ${read} do not decode (${percent(bad / census.records)})`;
  const remedy =
    'correct columns, time format or label values of that log in input.files; docs/errors.md explains the codes';
  return bad / census.records > FAILING_SHARE
    ? fail('records', summary, remedy, details)
    : warn('records', summary, `${remedy}. Bad records are left out; --dead-letters FILE keeps them`, details);
}

/** Whether events come in the order of their time, or are brought into it. `reports` where the input is files. */
export function checkOrder(census: LogCensus, reports: readonly FileLogReport[]): Check {
  const late = census.rejections.get('DADIN_RECORD_LATE');
  const details = reports
    .filter(({ outOfOrder, sorted }) => outOfOrder > 0 || sorted)
    .map(
      ({ partition, outOfOrder, sorted }) =>
        `${partition}: ${outOfOrder} earlier than one before them${sorted ? ', sorted on the way in' : ''}`,
    );
  if (late === undefined) {
    return pass('order', details.length === 0 ? 'by event time' : 'brought into event time', details);
  }
  const share = late.count / census.records;
  const summary = `${counted(late.count, 'record')} (${percent(share)}) too late to be put in order`;
  const remedy = 'set sort: auto for that file, or raise ordering.outOfOrdernessMs; late records are not learned from';
  const all = [...details, ...late.examples];
  return share > FAILING_SHARE ? fail('order', summary, remedy, all) : warn('order', summary, remedy, all);
}

export function checkDuplicates(census: LogCensus): Check {
  if (!census.hasEventIds) return pass('duplicates', 'not looked for: the log has no event ids (columns.eventId)');
  const share = census.events === 0 ? 0 : census.duplicates / census.events;
  if (census.duplicates === 0) return pass('duplicates', 'no event id comes twice');
  const summary = `${counted(census.duplicates, 'event')} (${percent(share)}) with an id seen before`;
  if (share <= DUPLICATE_SHARE) return pass('duplicates', `${summary}, to be dropped`);
  return warn(
    'duplicates',
    summary,
    'make sure that columns.eventId names an event and not a request or a user; repeats within ordering.dedupWindowMs are dropped',
  );
}
