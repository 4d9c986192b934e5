import { bug, DOMAIN_CODE, type Sample } from '../core/index.js';
import { bayesAuc } from '../evaluation/bayes.js';
import { LabelJoin } from '../join/label-join.js';
import { DuplicateFilter } from '../ordering/duplicate-filter.js';
import { ClickHistories } from '../sources/synthetic/click-histories.js';
import { Comparison, FLOAT64, type Verdict } from './verdict.js';

interface SyntheticFixture {
  readonly config: { readonly users: number; readonly topics: number; readonly histLen: number };
  readonly rows: Readonly<Record<'user' | 'dom' | 'item' | 'topic' | 'y', readonly number[]>>;
  readonly ts: readonly number[];
  /** true click probability of each row */
  readonly p: readonly number[];
  /** [rows, target then source, histLen] item ids, newest where `ClickHistories.copy` puts them, 0 beyond */
  readonly hist: { readonly data: readonly number[] };
  readonly bayesAuc: Readonly<Record<'target' | 'source', number>>;
  /** arrival, kind, row, event time, sent again */
  readonly messages: readonly (readonly [number, 'impression' | 'click', number, number, 0 | 1])[];
}

const FOREVER_MS = Number.MAX_SAFE_INTEGER;

/** Bayes AUC and history snapshots from a stream's rows; its labels from its messages, deduplicated and joined. */
export function checkSynthetic(file: string, content: unknown): Verdict {
  const fixture = content as SyntheticFixture;
  const { rows, p, hist } = fixture;
  const comparison = new Comparison();
  for (const [name, code] of [
    ['target', 1],
    ['source', 0],
  ] as const) {
    const own = Float64Array.from(p.filter((_, i) => rows.dom[i] === code));
    comparison.number(`bayesAuc.${name}`, bayesAuc(own), fixture.bayesAuc[name], FLOAT64);
  }
  comparison.numbers('hist', histories(fixture), hist.data, () => 0);
  comparison.numbers('labels', joinedLabels(fixture), rows.y, () => 0);
  return comparison.verdict(file, 'generator, join');
}

function histories({ config, rows, hist }: SyntheticFixture): Int32Array {
  const topicsOf = (code: number): Uint16Array => {
    const topics = new Uint16Array(1 + Math.max(...rows.item));
    for (const [i, item] of rows.item.entries()) if (rows.dom[i] === code) topics[item] = rows.topic[i]!;
    return topics;
  };
  const { users, topics, histLen } = config;
  const clicks = new ClickHistories(users + 1, histLen, topics + 1, [topicsOf(0), topicsOf(1)]);
  const found = new Int32Array(hist.data.length);
  for (const [i, user] of rows.user.entries()) {
    clicks.copy(user, 1, found, i * 2 * histLen);
    clicks.copy(user, 0, found, (i * 2 + 1) * histLen);
    if (rows.y[i] === 1) clicks.push(user, rows.dom[i] as 0 | 1, rows.item[i]!);
  }
  // the product marks an empty place by -1
  return found.map((item) => Math.max(0, item));
}

/** Messages in event-time order through the product's duplicate filter and label join; -1 where no label came. */
function joinedLabels({ rows, messages }: SyntheticFixture): ArrayLike<number> {
  const labels = new Float64Array(rows.y.length).fill(-1);
  const duplicates = new DuplicateFilter(FOREVER_MS);
  const join = new LabelJoin({ attributionWindowMs: FOREVER_MS / 2, maxPending: rows.y.length });
  for (const [, kind, row, eventTimeMs] of [...messages].sort((a, b) => a[3] - b[3])) {
    if (!duplicates.isNew(`${kind}/${row}`, eventTimeMs)) continue;
    if (kind === 'click') {
      const noneCloses = () => bug('no window closes before the end');
      if (join.addClick(DOMAIN_CODE.target, String(row), eventTimeMs, noneCloses) !== null) labels[row] = 1;
    } else if (join.addImpression(impression(row, eventTimeMs), () => bug('there is room for every row'))) {
      labels[row] = 1;
    }
  }
  join.advance(FOREVER_MS, ({ sequence, label }) => {
    labels[sequence] = label;
  });
  return labels;
}

function impression(row: number, eventTimeMs: number): Sample {
  const item = {
    serial: row,
    domain: DOMAIN_CODE.target,
    featureIds: new Float64Array(0),
    impressions: 0,
    batchStamp: -1,
    batchSlot: -1,
  };
  return {
    sequence: row,
    eventId: `impression/${row}`,
    impressionId: String(row),
    eventTimeMs,
    domain: DOMAIN_CODE.target,
    userId: '',
    itemId: '',
    userFeatureIds: [],
    item,
    historyTarget: [],
    historySource: [],
    coldUser: false,
    newItem: false,
    dense: new Float32Array(0),
    offset: 0,
    targetOnly: null,
    logit: 0,
    scoredAtStep: 0,
    label: -1,
    replays: 0,
  };
}
