import type { Config } from '../src/config/index.js';
import { DadinError } from '../src/core/index.js';
import { createKafka, kafkaFailure, kafkaNotices } from '../src/kafka/index.js';
import { kafkaConnection } from './kafka-connection.js';
import { connectTopics } from './kafka-input.js';

/** Messages looked at in each topic. */
const MESSAGES = 100;

interface TopicReport {
  readonly topic: string;
  readonly partitions: number;
  /** Records from the oldest kept to the end, holes included. */
  readonly records: string;
  readonly decoded: number;
  /** Messages that are no events, by code. */
  readonly bad: Readonly<Record<string, number>>;
  /** Reason and place of the first of them. */
  readonly example: string | null;
}

export interface DryRunReport {
  readonly groupId: string;
  readonly topics: readonly TopicReport[];
}

/**
 * Does everything that a run does before it learns: connects, reads the topics, looks at the group, decodes some messages
 * of each topic. Joins no group, commits and writes nothing.
 *
 * @throws DadinError DADIN_KAFKA_UNREACHABLE, DADIN_KAFKA_REFUSED, DADIN_SOURCE_NOT_FOUND
 */
export async function dryRun(
  config: Config,
  baseDirectory: string,
  notice: (message: string) => void,
): Promise<DryRunReport> {
  if (config.input.kind !== 'kafka') {
    throw new DadinError('DADIN_USAGE', 'a dry run looks at topics', {
      step: 'configure',
      got: `input.kind ${config.input.kind}`,
      remedy: 'check files with `dadin-stream validate`',
    });
  }
  const { groupId, topics } = config.input.kafka;
  await lookAtGroup(config, baseDirectory, notice);
  const source = await connectTopics(config, { baseDirectory, bounded: true, start: 'earliest', notice });
  try {
    const starts = source.partitions.map(({ start = 0n }) => start);
    await source.open(starts);
    const reports = topics.map(({ topic }) => ({
      topic,
      partitions: 0,
      records: 0n,
      decoded: 0,
      bad: {} as Record<string, number>,
      example: null as string | null,
    }));
    for (const [partition, { name, expectedRecords }] of source.partitions.entries()) {
      const report = reports.find(({ topic }) => name.startsWith(`${topic}/`))!;
      report.partitions++;
      report.records += BigInt(expectedRecords ?? 0) - starts[partition]!;
      for (let left = MESSAGES - looked(report); left > 0; ) {
        const chunk = await source.read(partition, left);
        left -= chunk.records.length;
        for (const [i, record] of chunk.records.entries()) {
          if (record.ok) report.decoded++;
          else {
            const { code, reason } = record.bad;
            report.bad[code] = (report.bad[code] ?? 0) + 1;
            report.example ??= `${name}:${chunk.first + BigInt(i)} ${code}: ${reason}`;
          }
        }
        if (chunk.last) break;
      }
    }
    return { groupId, topics: reports.map((report) => ({ ...report, records: String(report.records) })) };
  } finally {
    await source.close();
  }
}

function looked({ decoded, bad }: Pick<TopicReport, 'decoded' | 'bad'>): number {
  return decoded + Object.values(bad).reduce((sum, count) => sum + count, 0);
}

/** Whether the group may be read, which a run must be allowed to. */
async function lookAtGroup(config: Config, baseDirectory: string, notice: (message: string) => void): Promise<void> {
  const { groupId, topics } = config.input.kafka;
  const connection = await kafkaConnection(config.kafka, { env: process.env, baseDirectory });
  const admin = createKafka(connection, kafkaNotices(notice)).admin();
  try {
    await admin.connect();
    await admin.fetchOffsets({ groupId, topics: topics.map(({ topic }) => topic) });
  } catch (error) {
    throw kafkaFailure(error, 'read');
  } finally {
    await admin.disconnect();
  }
}
