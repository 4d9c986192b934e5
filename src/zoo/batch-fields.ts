import { DOMAIN_CODE, type Ragged, type SampleBatch } from '../core/index.js';
import type { DeviceParameters } from '../model/device-parameters.js';
import type { EmbeddedRows } from '../model/forward-pass.js';
import { add, bag, gather } from '../model/layers.js';
import type { Tape, TapeNode } from '../model/tape.js';
import type { PairInput } from './cross-domain.js';
import { slice } from './layers.js';
import type { FieldInput, SingleDomainModel } from './single-domain.js';

/** Parameter [2, columns of a row]: the trainable `na_value` of the target item and of the source item. */
export const ABSENT_ITEM = 'na';

/**
 * A row of the two domains' columns joined (algorithm B.0). A batch knows no columns, so the groups are the fields, each
 * the sum of its features as in DADIN: user, target item, source item, and, pooled by their mean unless they are attended
 * to, target history and source history. The item of the domain that is absent is `na_value`.
 *
 * `embeddings` [R,columns]: d embedding columns, then the first-order weight, as the model has them.
 */
export function batchFields<T>(
  tape: Tape<T>,
  model: SingleDomainModel,
  width: number,
  parameters: DeviceParameters<T>,
  embeddings: TapeNode<T>,
  { batch, userFeatures, itemFeatures }: EmbeddedRows,
): FieldInput<T> {
  const { candidate, domain, histT, histS, size } = batch;
  const absent = parameters.get(ABSENT_ITEM);
  const user = bag(tape, embeddings, userFeatures, 'sum'); //  [B,columns]
  const items = bag(tape, embeddings, itemFeatures, 'sum'); // [U,columns]
  const itemOf = (code: number, place: number) => {
    const present = listsOf(size, (i) => (domain[i] === code ? candidate[i]! : -1));
    const missing = listsOf(size, (i) => (domain[i] === code ? -1 : place));
    return add(tape, bag(tape, items, present, 'sum'), bag(tape, absent, missing, 'sum')); // [B,columns]
  };
  const groups = [user, itemOf(DOMAIN_CODE.target, 0), itemOf(DOMAIN_CODE.source, 1)];
  if (!model.attends) for (const history of [histT, histS]) groups.push(bag(tape, items, history, 'mean'));
  const firstOrder = () =>
    groups
      .map((group) => slice(tape, group, model.embedded ? width : 0, 1))
      .reduce((total, weight) => add(tape, total, weight)); // [B,1]
  const attended = () => {
    const q = gather(tape, items, candidate); // [B,d], the candidate of the row's own domain
    return [
      { attention: 'att.t', items, positions: histT, candidate: q },
      { attention: 'att.s', items, positions: histS, candidate: q },
    ];
  };
  return {
    fields: model.embedded ? groups.map((group) => slice(tape, group, 0, width)) : [],
    firstOrder: model.firstOrder ? firstOrder() : null,
    histories: model.attends ? attended() : [],
  };
}

/** Fields of `batchFields` for a model, and the names of its attention networks. */
export function batchFieldShape(model: SingleDomainModel, width: number) {
  return { fields: model.attends ? 3 : 5, width, attentions: model.attends ? ['att.t', 'att.s'] : [] };
}

/**
 * A user with an item of each domain, by pairing `history` (algorithm B.0): the item of the other domain is the user's
 * most recent click there as known before the event, a zero vector where there is none.
 */
export function batchPairs<T>(
  tape: Tape<T>,
  embeddings: TapeNode<T>,
  { batch, userFeatures, itemFeatures }: EmbeddedRows,
): PairInput<T> {
  const { candidate, domain, histT, histS, size } = batch;
  const user = bag(tape, embeddings, userFeatures, 'sum'); //  [B,d]
  const items = bag(tape, embeddings, itemFeatures, 'sum'); // [U,d]
  const itemOf = (code: number, history: Ragged) =>
    bag(
      tape,
      items,
      listsOf(size, (i) => (domain[i] === code ? candidate[i]! : lastOf(history, i))),
      'sum',
    ); // [B,d]
  return {
    user,
    itemT: itemOf(DOMAIN_CODE.target, histT),
    itemS: itemOf(DOMAIN_CODE.source, histS),
    items,
    histT,
    histS,
  };
}

/** [B] 1 on rows of a domain, 0 on the others. */
export function domainMask({ domain }: Pick<SampleBatch, 'domain'>, code: number): Float32Array {
  return Float32Array.from(domain, (d) => (d === code ? 1 : 0));
}

/** Lists of one entry each; -1 leaves a list empty. */
function listsOf(size: number, entryOf: (i: number) => number): Ragged {
  const splits = new Int32Array(size + 1);
  const items: number[] = [];
  for (let i = 0; i < size; i++) {
    const entry = entryOf(i);
    if (entry >= 0) items.push(entry);
    splits[i + 1] = items.length;
  }
  return { splits, items: Int32Array.from(items) };
}

function lastOf({ splits, items }: Ragged, i: number): number {
  return splits[i + 1]! > splits[i]! ? items[splits[i + 1]! - 1]! : -1;
}
