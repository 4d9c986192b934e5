import { type ClickEvent, DOMAIN_CODE, type EventChunk, type EventSource } from '../src/core/index.js';
import { LeavingOut } from './leaving-out.js';

const READ_RECORDS = 4096;

/** What a log holds of one user. */
export interface UserRecords {
  readonly records: number;
  /** Oldest event time among them, ms. */
  readonly firstMs: number;
  /** Position of the first of them, by name of its partition. */
  readonly first: ReadonlyMap<string, bigint>;
  has(event: ClickEvent): boolean;
}

/** Reads a bounded log to its end; clicks that name no user are known by their impression. */
export async function findUser(source: EventSource, userId: string): Promise<UserRecords> {
  const impressions = new Set<string>();
  const first = new Map<string, bigint>();
  let records = 0;
  let firstMs = Number.POSITIVE_INFINITY;
  const has = (event: ClickEvent): boolean =>
    event.userId === userId || (event.kind === 'click' && impressions.has(impressionKey(event)));
  await source.open(source.partitions.map(({ start = 0n }) => start));
  for (const [partition, { name }] of source.partitions.entries()) {
    for (let chunk: EventChunk | null = null; !chunk?.last; ) {
      chunk = await source.read(partition, READ_RECORDS);
      for (const [i, record] of chunk.records.entries()) {
        if (!record.ok || !has(record.value)) continue;
        if (record.value.kind === 'impression') impressions.add(impressionKey(record.value));
        records++;
        firstMs = Math.min(firstMs, record.value.eventTimeMs);
        if (!first.has(name)) first.set(name, chunk.first + BigInt(i));
      }
    }
  }
  return { records, firstMs, first, has };
}

/** The log as it were if the user had never been there. */
export function withoutUser(source: EventSource, user: Pick<UserRecords, 'has'>): EventSource {
  const others = new LeavingOut(source, (record) => record.ok && user.has(record.value));
  return {
    name: source.name,
    partitions: source.partitions,
    open: (from) => source.open(from),
    read: (partition, maxRecords) => others.read(partition, maxRecords),
    close: () => source.close(),
  };
}

/** Ids of impressions are of their domain. */
function impressionKey({ domain, impressionId }: ClickEvent): string {
  return `${DOMAIN_CODE[domain]} ${impressionId}`;
}
