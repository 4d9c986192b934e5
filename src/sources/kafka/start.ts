import { DadinError } from '../../core/index.js';
import type { Cluster } from './cluster.js';
import { nameOf, offsetsAt, type TopicPartition } from './topic-offsets.js';

/**
 * Where a partition begins that has no position yet: the oldest record kept, the end, the first record at or after a time
 * (ms), or explicit offsets by `topic/partition`.
 */
export type StartRule = 'earliest' | 'latest' | { readonly timeMs: number } | Readonly<Record<string, bigint>>;

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * `earliest`, `latest`, how long ago (`90s`, `15m`, `6h`, `3d`), or a time with its zone as in 2026-11-24T10:00:00Z; null
 * when it is none of these. `nowMs` is the wall clock.
 */
export function parseStart(text: string, nowMs: number): StartRule | null {
  if (text === 'earliest' || text === 'latest') return text;
  const ago = /^(\d+)([smhd])$/.exec(text);
  if (ago !== null) return { timeMs: nowMs - Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS] };
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return null;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? null : { timeMs };
}

/** The rule as offsets, in the order of `partitions`. */
export async function startOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  rule: StartRule,
): Promise<bigint[]> {
  if (rule === 'earliest') return await offsetsAt(cluster, partitions, 'first');
  if (rule === 'latest') return await offsetsAt(cluster, partitions, 'end');
  if (isTime(rule)) return await offsetsAt(cluster, partitions, rule.timeMs);
  return partitions.map((partition) => {
    const offset = rule[nameOf(partition)];
    if (offset !== undefined) return offset;
    throw new DadinError('DADIN_CONFIG_INVALID', `input.kafka.start names no offset of ${nameOf(partition)}`, {
      step: 'configure',
      got: `offsets of ${Object.keys(rule).join(', ')}`,
      expected: 'an offset of every partition',
    });
  });
}

function isTime(rule: object): rule is { readonly timeMs: number } {
  return typeof (rule as { timeMs?: unknown }).timeMs === 'number';
}
