import type { ClickModel } from './click-model.js';
import { Impressions } from './impressions.js';

/** What really happened, per row of the stream (index = row = `rowOfImpression` of its id), algorithm reference E.2. */
export interface SyntheticTruth {
  readonly size: number;
  /** 1 target, 0 source */
  readonly domain: Uint8Array;
  readonly eventTimeMs: Float64Array;
  readonly user: Int32Array;
  readonly item: Int32Array;
  /** P(click) from which the label was drawn */
  readonly p: Float64Array;
  readonly clicked: Uint8Array;
  /** regime: 1 where the target's concept has changed */
  readonly newConcept: Uint8Array;
  readonly cold: Uint8Array;
  readonly hit: Uint8Array;
}

/** The user's kept clicks before each row: [size, 2, M] items, [target, source], oldest first, -1 beyond. */
interface SyntheticHistories {
  readonly capacity: number;
  readonly items: Int32Array;
}

/** Runs the stream once and keeps its truth: about 30 bytes a row. */
export function recordTruth(model: ClickModel): SyntheticTruth {
  const n = model.knobs.events;
  const truth: SyntheticTruth = {
    size: n,
    domain: new Uint8Array(n),
    eventTimeMs: new Float64Array(n),
    user: new Int32Array(n),
    item: new Int32Array(n),
    p: new Float64Array(n),
    clicked: new Uint8Array(n),
    newConcept: new Uint8Array(n),
    cold: new Uint8Array(n),
    hit: new Uint8Array(n),
  };
  const stream = new Impressions(model);
  const rows = stream.rows;
  while (stream.next()) {
    const i = rows.row;
    truth.domain[i] = rows.domain;
    truth.eventTimeMs[i] = rows.eventTimeMs;
    truth.user[i] = rows.user;
    truth.item[i] = rows.item;
    truth.p[i] = stream.p;
    truth.clicked[i] = stream.clicked ? 1 : 0;
    truth.newConcept[i] = rows.newConcept ? 1 : 0;
    truth.cold[i] = rows.cold ? 1 : 0;
    truth.hit[i] = stream.hit ? 1 : 0;
  }
  return truth;
}

/** Runs the stream once and keeps every row's history snapshot: 8 M bytes a row. */
export function recordHistories(model: ClickModel): SyntheticHistories {
  const capacity = model.knobs.histLen;
  const items = new Int32Array(model.knobs.events * 2 * capacity);
  const stream = new Impressions(model);
  const keep: Parameters<Impressions['next']>[0] = (rows, histories) => {
    histories.copy(rows.user, 1, items, rows.row * 2 * capacity);
    histories.copy(rows.user, 0, items, (rows.row * 2 + 1) * capacity);
  };
  while (stream.next(keep));
  return { capacity, items };
}
