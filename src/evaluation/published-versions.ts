import { DOMAINS, type Domain, type Stateful, type StateValue } from '../core/index.js';
import type { ScoredRow } from './domain-metrics.js';
import { FreshRows } from './fresh-rows.js';
import { judgedRow } from './judged-row.js';
import { VersionMetrics, type VersionRow, type VersionSummary } from './version-metrics.js';

export type VersionsSummary = Readonly<Record<Domain, readonly VersionSummary[]>>;

/** Versions whose figures are kept. */
const KEPT = 4;

interface PublishedVersionsState {
  readonly [key: string]: StateValue;
  readonly versions: readonly (readonly [version: number, step: number])[];
  readonly target: StateValue;
  readonly source: StateValue;
  /** Absent in older checkpoints. */
  readonly fresh?: StateValue;
}

/**
 * Figures by the model version whose scores they are: the newest one published before the row was scored (its own steps
 * since included); 0 before the first. When versions are published changes nothing in the fold, so this stands outside its
 * digest.
 */
export class PublishedVersions implements Stateful {
  /** Newest last, with the steps taken when it was published. */
  #versions: (readonly [version: number, step: number])[] = [[0, 0]];
  #metrics = newMetrics();
  /** Rows judged since a version was due last. */
  readonly fresh = new FreshRows();

  /** `step`: steps taken so far; nothing is under way. */
  published(version: number, step: number): void {
    this.#versions = [...this.#versions, [version, step] as const].slice(-2 * KEPT);
  }

  add(domain: Domain, row: ScoredRow, scoredAtStep: number): void {
    const judged = judgedRow(row.logit, row.label);
    this.#metrics[domain].add(this.#rowOf(row, scoredAtStep), judged);
    this.fresh.add(domain, judged);
  }

  /** A late label; `row` as it was counted. */
  restate(domain: Domain, row: ScoredRow, scoredAtStep: number): void {
    this.#metrics[domain].restate(this.#rowOf(row, scoredAtStep));
  }

  /** Null before the first is published. */
  summary(): VersionsSummary | null {
    if (this.#versions.at(-1)![0] === 0) return null;
    return { target: this.#metrics.target.summary(), source: this.#metrics.source.summary() };
  }

  snapshot(): StateValue {
    const { target, source } = this.#metrics;
    return {
      versions: this.#versions,
      target: target.snapshot(),
      source: source.snapshot(),
      fresh: this.fresh.snapshot(),
    } satisfies PublishedVersionsState;
  }

  restore(state: StateValue): void {
    const { versions, fresh, ...metrics } = state as PublishedVersionsState;
    this.#versions = [...versions];
    this.#metrics = newMetrics();
    for (const domain of DOMAINS) this.#metrics[domain].restore(metrics[domain]);
    if (fresh !== undefined) this.fresh.restore(fresh);
  }

  #rowOf(row: ScoredRow, scoredAtStep: number): VersionRow {
    const known = this.#versions.findLast(([, step]) => step <= scoredAtStep) ?? this.#versions[0]!;
    return { version: known[0], logit: row.logit, label: row.label, coldUser: row.coldUser, newItem: row.newItem };
  }
}

function newMetrics(): Readonly<Record<Domain, VersionMetrics>> {
  return { target: new VersionMetrics(KEPT), source: new VersionMetrics(KEPT) };
}
