import { DadinError, type SourcePartition } from '../../core/index.js';

/**
 * Where to go on reading. A position before `first` has lost the records between (retention deleted them); one beyond the
 * end belongs to another topic of the same name, or the log was cut: nothing can be repeated there.
 *
 * @throws DadinError DADIN_POSITION_LOST
 */
export function checkPositions(
  partitions: readonly SourcePartition[],
  positions: readonly bigint[],
  firsts: readonly bigint[],
  ends: readonly bigint[],
  onLost: 'fail' | 'earliest',
  notice: (message: string) => void,
): bigint[] {
  return positions.map((position, i) => {
    const { name } = partitions[i]!;
    const [first, end] = [firsts[i]!, ends[i]!];
    if (position >= first && position <= end) return position;
    if (position > end || onLost === 'fail') throw positionLost(name, position, first, end);
    notice(`DADIN_POSITION_LOST: ${first - position} records of ${name} were deleted unread, going on at ${first}`);
    return first;
  });
}

function positionLost(name: string, position: bigint, first: bigint, end: bigint): DadinError {
  const isBeyond = position > end;
  return new DadinError('DADIN_POSITION_LOST', `${name} does not hold the record to go on from`, {
    step: 'read',
    partition: name,
    position,
    got: `records ${first} to ${end - 1n}`,
    remedy: isBeyond
      ? 'the topic was made anew or its log was cut: start in an empty checkpoint directory'
      : 'read faster or keep records longer; `input.kafka.onLost: earliest` goes on with the oldest one and counts what is lost',
  });
}
