import {
  type ClickEvent,
  DOMAINS,
  type Domain,
  domainOf,
  type Sample,
  type Stateful,
  type StateValue,
} from '../../core/index.js';
import { blame } from './blame.js';
import type { BadDayCard, BadDays } from './card.js';
import { type Fall, FallWatch } from './fall-watch.js';
import { RowSlices } from './row-slices.js';
import { SliceNames } from './slice-names.js';
import { packOrigins, packRows, type RowOrigin, unpackOrigins, unpackRows, type WatchedRow } from './watched-row.js';

/** Cards kept of a domain, the newest. */
const MOST_CARDS = 8;

interface Watched {
  readonly falls: FallWatch;
  judged: number;
  cards: readonly BadDayCard[];
}

/**
 * Says why the ranking of a domain fell: which slice of its rows, and from which record on. Learns nothing and changes
 * nothing; since it knows partitions and positions it stands outside the fold's digest, as positions do.
 */
export class BadDayWatch implements Stateful {
  readonly #names = new SliceNames();
  readonly #slices = new RowSlices(this.#names);
  /** By sequence: impressions without a judged label. */
  #waiting = new Map<number, RowOrigin>();
  readonly #domains: Readonly<Record<Domain, Watched>> = { target: this.#watched(), source: this.#watched() };

  /** An impression, before it counts among those of its item; `partition` by name. */
  shown(event: ClickEvent, sample: Sample, partition: string, position: bigint): void {
    const slices = this.#slices.take(event, sample, partition);
    this.#waiting.set(sample.sequence, { sequence: sample.sequence, slices, position });
  }

  /** The sample has a logit and its final label. */
  judged({ sequence, domain, logit, label, eventTimeMs }: Sample): void {
    const origin = this.#waiting.get(sequence);
    if (origin === undefined) return; // shown before a checkpoint that knows nothing of it
    this.#waiting.delete(sequence);
    const { slices, position } = origin;
    const watched = this.#domains[domainOf(domain)];
    watched.falls.add({ sequence, slices, position, logit, label: label === 1 ? 1 : 0, eventTimeMs });
    const fall = watched.falls.look(++watched.judged);
    if (fall === null) return;
    watched.cards = [...watched.cards, this.#card(domainOf(domain), watched.judged, fall)].slice(-MOST_CARDS);
    watched.falls.clear();
  }

  /** The label of the impression will never be known. */
  forget({ sequence }: Sample): void {
    const origin = this.#waiting.get(sequence);
    if (origin === undefined) return;
    this.#waiting.delete(sequence);
    this.#names.release(origin.slices);
  }

  /** The newest cards of each domain, oldest first. */
  get cards(): BadDays {
    return { target: this.#domains.target.cards, source: this.#domains.source.cards };
  }

  snapshot(): StateValue {
    const of = ({ falls, judged, cards }: Watched): StateValue => ({
      rows: packRows(falls.rows),
      judged,
      cards: cards as unknown as StateValue,
    });
    return {
      names: this.#names.snapshot(),
      waiting: packOrigins([...this.#waiting.values()]),
      target: of(this.#domains.target),
      source: of(this.#domains.source),
    };
  }

  restore(state: StateValue): void {
    const { names, waiting, ...domains } = state as unknown as BadDayWatchState;
    this.#names.restore(names);
    this.#waiting = new Map(unpackOrigins(waiting).map((origin) => [origin.sequence, origin]));
    for (const domain of DOMAINS) {
      const watched = this.#domains[domain];
      watched.falls.restore(unpackRows(domains[domain].rows));
      watched.judged = domains[domain].judged;
      watched.cards = domains[domain].cards;
    }
  }

  #watched(): Watched {
    return { falls: new FallWatch(({ slices }) => this.#names.release(slices)), judged: 0, cards: [] };
  }

  #card(domain: Domain, row: number, { before, after, aucBefore, aucAfter, z }: Fall): BadDayCard {
    const { slices, first } = blame(before, after, this.#names);
    return {
      domain,
      row,
      eventTimeMs: after.at(-1)!.eventTimeMs,
      rowsBefore: before.length,
      rowsAfter: after.length,
      aucBefore,
      aucAfter,
      z,
      slices,
      first: this.#placeOf(first),
    };
  }

  #placeOf({ slices, position, eventTimeMs }: WatchedRow): BadDayCard['first'] {
    return { partition: this.#names.nameOf(slices[0]!).value, offset: String(position), eventTimeMs };
  }
}

interface BadDayWatchState {
  readonly names: StateValue;
  readonly waiting: StateValue;
  readonly target: DomainState;
  readonly source: DomainState;
}

interface DomainState {
  readonly rows: StateValue;
  readonly judged: number;
  readonly cards: readonly BadDayCard[];
}
