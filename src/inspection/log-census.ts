import { type BadRecordCode, type ClickEvent, DOMAINS, type Domain, type EventSource } from '../core/index.js';
import { PositionLedger, type RejectedRecord, ReorderBuffer, type ReorderOptions } from '../ordering/index.js';
import { LabelLeaks, LEAK_ROWS } from './label-leaks.js';
import { ValueTally } from './value-tally.js';

/** Records of one read; of a small sample a few, so that every log has its part in it. */
const CHUNK_RECORDS = 1024;
const READS_OF_A_LOG = 20;
/** Examples kept of every kind of bad record. */
const EXAMPLES = 3;

export interface DomainCensus {
  impressions: number;
  /** Impressions by label; those told later count once their click came, or did not come. */
  clicked: number;
  notClicked: number;
  /** Impressions whose label is told later. */
  labelledLater: number;
  /** Impressions of an item that had none before. */
  newItem: number;
  /** Impressions of a user who had clicked in the source domain before. */
  withSourceHistory: number;
  /** Impressions of a user who had clicked in the target domain before. */
  withTargetHistory: number;
  firstMs: number;
  lastMs: number;
  readonly users: Set<string>;
  readonly items: Set<string>;
  readonly userFeatures: Map<string, ValueTally>;
  readonly itemFeatures: Map<string, ValueTally>;
  readonly leaks: LabelLeaks;
}

/** Records that cannot be learned from, of one kind. */
export interface Rejections {
  count: number;
  /** `log:position: reason` */
  readonly examples: string[];
}

/** Clicks that come as messages of their own. */
export interface ClickCensus {
  matched: number;
  /** After the attribution window of their impression. */
  tooLate: number;
  /** No impression of that id. */
  orphaned: number;
  /** More clicks on an impression that has one. */
  repeated: number;
  readonly orphanExamples: string[];
}

export interface LongestGap {
  readonly fromMs: number;
  readonly toMs: number;
}

interface WaitingImpression {
  readonly timeMs: number;
  readonly domain: Domain;
  /** Until its label is known; null where enough is known of leaks. */
  readonly features: Pick<ClickEvent, 'userFeatures' | 'itemFeatures'> | null;
  clicked: boolean;
}

export interface CensusOptions {
  readonly ordering: ReorderOptions;
  readonly attributionWindowMs: number;
  /** Records read at most, of all logs together, bad ones included. */
  readonly maxRecords: number;
}

/** What a log is like, counted in the order it would be learned in. Holds every user, item and event id: for samples. */
export class LogCensus {
  records = 0;
  events = 0;
  duplicates = 0;
  /** Whether events carry ids of their own. */
  hasEventIds = false;
  /** The log goes on beyond what was read. */
  isCut = false;
  longestGap: LongestGap | null = null;
  readonly domains: Readonly<Record<Domain, DomainCensus>> = { target: emptyDomain(), source: emptyDomain() };
  readonly rejections = new Map<BadRecordCode, Rejections>();
  readonly clicks: ClickCensus = { matched: 0, tooLate: 0, orphaned: 0, repeated: 0, orphanExamples: [] };
  readonly #attributionWindowMs: number;
  readonly #eventIds = new Set<string>();
  readonly #waiting = new Map<string, WaitingImpression>();
  readonly #clickers: Readonly<Record<Domain, Set<string>>> = { target: new Set(), source: new Set() };
  /** Clicks before their impression, by impression id. */
  readonly #early = new Map<string, number>();
  #lastMs: number | null = null;

  constructor(attributionWindowMs: number) {
    this.#attributionWindowMs = attributionWindowMs;
  }

  add(event: ClickEvent): void {
    this.events++;
    this.#countTime(event);
    if (event.row < 0) {
      this.hasEventIds = true;
      if (this.#eventIds.has(event.eventId)) {
        this.duplicates++;
        return;
      }
      this.#eventIds.add(event.eventId);
    }
    if (event.kind === 'click') this.#addClick(event);
    else this.#addImpression(event);
  }

  reject({ bad, position }: RejectedRecord, log: string): void {
    const known = this.rejections.get(bad.code);
    const kind = known ?? { count: 0, examples: [] };
    if (known === undefined) this.rejections.set(bad.code, kind);
    kind.count++;
    if (kind.examples.length < EXAMPLES) kind.examples.push(`${log}:${position}: ${bad.reason}`);
  }

  /** The log has ended: clicks that never met their impression are orphans, impressions without click negatives. */
  close(): void {
    for (const id of this.#early.keys()) {
      this.clicks.orphaned++;
      if (this.clicks.orphanExamples.length < EXAMPLES) this.clicks.orphanExamples.push(id);
    }
    // in the order of the impressions, so that clicks do not all come first
    for (const { clicked, domain, features } of this.#waiting.values()) {
      if (!clicked) this.domains[domain].notClicked++;
      if (features !== null) this.domains[domain].leaks.add(features, clicked ? 1 : 0);
    }
  }

  #addImpression(event: ClickEvent): void {
    const census = this.domains[event.domain];
    census.impressions++;
    census.users.add(event.userId);
    if (!census.items.has(event.itemId)) census.newItem++;
    census.items.add(event.itemId);
    if (this.#clickers.source.has(event.userId)) census.withSourceHistory++;
    if (this.#clickers.target.has(event.userId)) census.withTargetHistory++;
    tally(census.userFeatures, event.userFeatures);
    tally(census.itemFeatures, event.itemFeatures);
    if (event.clicked === null) this.#awaitLabel(event, census);
    else {
      census.leaks.add(event, event.clicked ? 1 : 0);
      if (event.clicked) this.#countClick(event.domain, event.userId);
      else census.notClicked++;
    }
  }

  #awaitLabel(event: ClickEvent, census: DomainCensus): void {
    const { impressionId, eventTimeMs, domain, userId, userFeatures, itemFeatures } = event;
    const features = census.labelledLater++ < LEAK_ROWS ? { userFeatures, itemFeatures } : null;
    const waiting = { timeMs: eventTimeMs, domain, features, clicked: false };
    this.#waiting.set(impressionId, waiting);
    if (!this.#early.delete(impressionId)) return;
    waiting.clicked = true;
    this.clicks.matched++;
    this.#countClick(domain, userId);
  }

  #addClick({ impressionId, eventTimeMs, userId }: ClickEvent): void {
    const impression = this.#waiting.get(impressionId);
    if (impression === undefined) this.#early.set(impressionId, eventTimeMs);
    else if (impression.clicked) this.clicks.repeated++;
    else if (eventTimeMs - impression.timeMs > this.#attributionWindowMs) this.clicks.tooLate++;
    else {
      impression.clicked = true;
      this.clicks.matched++;
      this.#countClick(impression.domain, userId);
    }
  }

  #countClick(domain: Domain, userId: string): void {
    this.domains[domain].clicked++;
    this.#clickers[domain].add(userId);
  }

  #countTime({ eventTimeMs, domain }: ClickEvent): void {
    const census = this.domains[domain];
    census.firstMs = Math.min(census.firstMs, eventTimeMs);
    census.lastMs = Math.max(census.lastMs, eventTimeMs);
    const before = this.#lastMs;
    this.#lastMs = eventTimeMs;
    if (before === null) return;
    const longest = this.longestGap;
    if (longest === null || eventTimeMs - before > longest.toMs - longest.fromMs) {
      this.longestGap = { fromMs: before, toMs: eventTimeMs };
    }
  }
}

/** Reads the logs as `replay` would, merged by event time, up to `maxRecords`. Opens the source; closing is the caller's. */
export async function takeCensus(source: EventSource, options: CensusOptions): Promise<LogCensus> {
  const census = new LogCensus(options.attributionWindowMs);
  const ledger = new PositionLedger();
  ledger.bind(source.partitions);
  const order = new ReorderBuffer(options.ordering, ledger.starts(), null);
  await source.open(ledger.next());
  const share = Math.ceil(options.maxRecords / (READS_OF_A_LOG * source.partitions.length));
  for (let partition = order.laggard(); partition >= 0; partition = order.laggard()) {
    const room = options.maxRecords - census.records;
    if (room <= 0) {
      census.isCut = true;
      break;
    }
    const chunk = await source.read(partition, Math.min(CHUNK_RECORDS, share, room));
    census.records += chunk.records.length;
    for (const rejected of order.push(chunk)) census.reject(rejected, source.partitions[partition]!.name);
    drain(order, order.watermarkMs, census);
  }
  drain(order, Number.POSITIVE_INFINITY, census);
  census.close();
  return census;
}

function drain(order: ReorderBuffer, watermarkMs: number, census: LogCensus): void {
  for (let placed = order.pop(watermarkMs); placed !== null; placed = order.pop(watermarkMs)) census.add(placed.event);
}

function tally(tallies: Map<string, ValueTally>, features: ClickEvent['userFeatures']): void {
  for (const { name, values } of features) {
    let counted = tallies.get(name);
    if (counted === undefined) {
      counted = new ValueTally();
      tallies.set(name, counted);
    }
    counted.add(values);
  }
}

function emptyDomain(): DomainCensus {
  return {
    impressions: 0,
    clicked: 0,
    notClicked: 0,
    labelledLater: 0,
    newItem: 0,
    withSourceHistory: 0,
    withTargetHistory: 0,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    users: new Set(),
    items: new Set(),
    userFeatures: new Map(),
    itemFeatures: new Map(),
    leaks: new LabelLeaks(),
  };
}

/** Target first, as everywhere. */
export function eachDomain(census: LogCensus): (readonly [Domain, DomainCensus])[] {
  return DOMAINS.map((domain) => [domain, census.domains[domain]] as const);
}
