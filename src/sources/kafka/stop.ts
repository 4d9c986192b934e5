import type { Cluster } from './cluster.js';
import { nameOf, offsetsAt, type TopicPartition } from './topic-offsets.js';

/**
 * Where reading ends: never, at the end that the topics have when it begins, before the records at or after a time, at
 * explicit offsets (a partition that is not named: at its end), after so many records of all partitions together, or once
 * no partition has brought anything for so long.
 */
export type StopRule =
  | 'never'
  | 'end'
  | { readonly timeMs: number }
  | { readonly offsets: Readonly<Record<string, bigint>> }
  | { readonly records: number }
  | { readonly idleMs: number };

/** Ends of the partitions under the rule, null where they have none of their own; in the order of `partitions`. */
export async function stopOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  rule: StopRule,
): Promise<(bigint | null)[]> {
  if (rule === 'never' || (typeof rule === 'object' && ('records' in rule || 'idleMs' in rule)))
    return partitions.map(() => null);
  if (rule !== 'end' && 'timeMs' in rule) return await offsetsAt(cluster, partitions, rule.timeMs);
  const ends = await offsetsAt(cluster, partitions, 'end');
  return rule === 'end' ? ends : partitions.map((p, i) => rule.offsets[nameOf(p)] ?? ends[i]!);
}
