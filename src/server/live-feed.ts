import { randomUUID } from 'node:crypto';
import type { Ceiling, Chart, Column } from '../report/index.js';
import {
  badDayTable,
  driftTable,
  metricsTable,
  OPERATION_COLUMNS,
  PLACE_COLUMNS,
  QUALITY_COLUMNS,
  ThinnedSeries,
} from '../report/index.js';
import type { DeadLetterExample, RunMark, RunReading } from '../telemetry/run-reading.js';

/** Marks of a kind kept, newest ones. */
const KEPT_MARKS = 200;
/** Figures sent: more than a screen shows. */
const DIGITS = 6;

const COLUMNS = [...PLACE_COLUMNS, ...QUALITY_COLUMNS, ...OPERATION_COLUMNS] as readonly Column<RunReading>[];

/** One message to a page. Those with an id can be asked for again after a break. */
export interface FeedMessage {
  readonly event: 'reset' | 'row' | 'mark' | 'status';
  readonly id: string | null;
  /** JSON */
  readonly data: string;
}

export interface FeedOptions {
  readonly title: string;
  readonly charts: readonly Chart[];
  readonly ceiling: Ceiling | null;
  readonly examples: () => readonly DeadLetterExample[];
}

/**
 * What the live page draws: rows of figures, marks on their axis, and the state of the moment. A page that lost its
 * connection names the last row it has and gets the rest; one that comes too late, or from another run, starts anew.
 */
export class LiveFeed {
  /** Another one for every run: numbers of one mean nothing in another. */
  readonly #run = randomUUID().slice(0, 8);
  readonly #options: FeedOptions;
  readonly #rows = new ThinnedSeries<string>();
  #marks: (RunMark & { readonly after: number })[] = [];
  #latest: RunReading | null = null;
  #isStatusDue = false;
  readonly #readers = new Set<(message: FeedMessage) => void>();

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  reading(reading: RunReading): void {
    const row = JSON.stringify(COLUMNS.map(({ of }) => rounded(of(reading))));
    const sequence = this.#rows.add(row);
    this.#send({ event: 'row', id: this.#id(sequence), data: row });
    this.#latest = reading;
    this.#tellStatus();
  }

  mark(mark: RunMark): void {
    const placed = { ...mark, after: this.#rows.next - 1 };
    const same = this.#marks.filter(({ kind }) => kind === mark.kind);
    if (same.length >= KEPT_MARKS) this.#marks.splice(this.#marks.indexOf(same[0]!), 1);
    this.#marks.push(placed);
    this.#send({ event: 'mark', id: null, data: JSON.stringify(placed) });
  }

  /** Messages from now on, after those that the reader missed. `lastId`: the newest one that it has. Returns the way out. */
  follow(lastId: string | undefined, reader: (message: FeedMessage) => void): () => void {
    const missed = this.#missed(lastId);
    if (missed === null) reader(this.#reset());
    else for (const message of missed) reader(message);
    reader(this.#status());
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Once for readings that come together: only the newest is worth the bytes. */
  #tellStatus(): void {
    if (this.#readers.size === 0 || this.#isStatusDue) return;
    this.#isStatusDue = true;
    setImmediate(() => {
      this.#isStatusDue = false;
      this.#send(this.#status());
    });
  }

  /** What has no history. */
  #status(): FeedMessage {
    const { waitingFor, backend, steps, counts, deadLetters, lag, memory, embeddings, users, items, checkpointAgeMs } =
      this.#latest ?? ({} as Partial<RunReading>);
    const { examples, ceiling } = this.#options;
    const { domains = null, badDays = null } = this.#latest ?? {};
    const tables = {
      ...(domains === null ? {} : { metrics: metricsTable(domains, ceiling), drift: driftTable(domains) }),
      ...(badDays === null ? {} : { 'bad-days': badDayTable(badDays) }),
    };
    const now = {
      waitingFor,
      backend,
      steps,
      counts,
      deadLetters,
      lag,
      memory,
      embeddings,
      users,
      items,
      checkpointAgeMs,
    };
    return { event: 'status', id: null, data: JSON.stringify({ ...now, tables, examples: examples() }) };
  }

  #missed(lastId: string | undefined): FeedMessage[] | null {
    const [run, number] = lastId?.split('-') ?? [];
    const last = Number(number);
    if (run !== this.#run || !Number.isSafeInteger(last)) return null;
    const rows = this.#rows.since(last);
    if (rows === null) return null;
    const marks = this.#marks.filter(({ after }) => after >= last);
    return [
      ...rows.map(({ sequence, value }) => ({ event: 'row' as const, id: this.#id(sequence), data: value })),
      // may have been seen before the break: the page tells them apart by place and text
      ...marks.map((mark) => ({ event: 'mark' as const, id: null, data: JSON.stringify(mark) })),
    ];
  }

  #reset(): FeedMessage {
    const entries = this.#rows.entries;
    const { title, charts } = this.#options;
    const head = JSON.stringify({
      title,
      charts,
      columns: COLUMNS.map(({ key }) => key),
      marks: this.#marks,
      numbers: entries.map(({ sequence }) => sequence),
    });
    // rows are JSON already
    const data = `${head.slice(0, -1)},"rows":[${entries.map(({ value }) => value).join(',')}]}`;
    return { event: 'reset', id: this.#id(this.#rows.next - 1), data };
  }

  #id(sequence: number): string {
    return `${this.#run}-${sequence}`;
  }

  #send(message: FeedMessage): void {
    for (const reader of this.#readers) reader(message);
  }
}

/** Whole numbers stay as they are: places on the axis must not move. */
function rounded(value: number | null): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
}
