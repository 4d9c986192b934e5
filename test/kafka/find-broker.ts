import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { KAFKA_VERSIONS, kafkaJars } from '../../ops/kafka/jars.js';
import { freePorts, LocalCluster } from '../../ops/kafka/local-cluster.js';

export interface FoundBroker {
  readonly brokers: readonly string[];
  readonly from: 'KAFKA_BROKERS' | 'a container' | 'Maven jars';
  stop(): Promise<void>;
}

/** What the tests run against: 4.x, or what KAFKA_VERSION says. */
const VERSION = process.env['KAFKA_VERSION'] ?? KAFKA_VERSIONS[0];

/**
 * A broker for the tests: the one that KAFKA_BROKERS names (`host:port,...`), else a container where a runtime answers,
 * else a local node from Maven jars. Rejects where none of them can be had.
 */
export async function findBroker(): Promise<FoundBroker> {
  const named = process.env['KAFKA_BROKERS'];
  if (named !== undefined && named !== '')
    return { brokers: named.split(','), from: 'KAFKA_BROKERS', stop: async () => {} };
  if (await containersRun()) return await startContainer();
  const directory = await mkdtemp(join(tmpdir(), 'dadin-kafka-'));
  const cluster = await LocalCluster.start({ jars: await kafkaJars(VERSION), directory, nodes: 1 });
  return {
    brokers: cluster.brokers,
    from: 'Maven jars',
    async stop() {
      await cluster.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function containersRun(): Promise<boolean> {
  return await getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}

/** The official image; its port is mapped to the same one outside, as a broker has to tell clients its address. */
async function startContainer(): Promise<FoundBroker> {
  const [port] = (await freePorts(1)) as [number];
  const container = await new GenericContainer(`apache/kafka:${VERSION}`)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://localhost:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .start();
  return { brokers: [`localhost:${port}`], from: 'a container', stop: async () => void (await container.stop()) };
}
