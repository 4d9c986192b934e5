import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { KAFKA_VERSIONS, kafkaJars } from '../../ops/kafka/jars.js';
import { type ClusterOptions, LocalCluster } from '../../ops/kafka/local-cluster.js';
import type { KafkaConnection, KafkaLog } from '../../src/kafka/index.js';

/** The broker that all tests share (see global-setup.ts): make topics of your own, stop nothing. */
export const sharedBrokers: readonly string[] = inject('kafkaBrokers');

/** For `describe.skipIf`: true only where no broker can be had, which the set-up says in one loud line. */
export const noKafka = sharedBrokers.length === 0;

/** A broker of a test's own, and the Java client, need a JDK; true where a shared broker comes from elsewhere and there is none. */
export const noJava = spawnSync('java', ['-version']).error !== undefined;
if (noJava) process.stderr.write('KAFKA TESTS THAT STOP BROKERS ARE SKIPPED: there is no java\n');

export function connectionTo(brokers: readonly string[]): KafkaConnection {
  return { brokers, clientId: 'test', tls: null, sasl: null, connectionTimeoutMs: 5_000, requestTimeoutMs: 30_000 };
}

/** A name no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** Says nothing but errors. */
export const errorsOnly: KafkaLog = ({ level, part, message, fields }) => {
  if (level === 'error') process.stderr.write(`kafka ${part}: ${message} ${JSON.stringify(fields)}\n`);
};

/**
 * A cluster of a test's own, to be stopped, killed, frozen and restarted at will: always from Maven jars. Its folder goes
 * with it.
 */
export async function startCluster(
  nodes: 1 | 3,
  options: Pick<ClusterOptions, 'port' | 'properties' | 'listeners' | 'formatArguments'> & {
    readonly version?: string;
  } = {},
): Promise<{ readonly cluster: LocalCluster; remove(): Promise<void> }> {
  const { version = process.env['KAFKA_VERSION'] ?? KAFKA_VERSIONS[0], ...rest } = options;
  const directory = await mkdtemp(join(tmpdir(), 'dadin-kafka-'));
  const cluster = await LocalCluster.start({ ...rest, jars: await kafkaJars(version), directory, nodes });
  return {
    cluster,
    async remove() {
      await cluster.kill9();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
