import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createKafka } from '../../src/kafka/index.js';
import { type BrokerOptions, LocalBroker } from './local-broker.js';

export interface ClusterOptions {
  readonly jars: string;
  /** Each node has a folder in it. */
  readonly directory: string;
  readonly nodes: number;
  /** Fixed port of the first node; free ports otherwise. */
  readonly port?: number;
  readonly heapMegabytes?: number;
  readonly properties?: Readonly<Record<string, string>>;
  /** Further listeners of the first node. */
  readonly listeners?: NonNullable<BrokerOptions['listeners']>;
  readonly formatArguments?: readonly string[];
}

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/** A real Kafka on this machine: one node, or three that replicate. Ports stay the same over restarts. */
export class LocalCluster {
  readonly nodes: readonly LocalBroker[];

  private constructor(nodes: readonly LocalBroker[]) {
    this.nodes = nodes;
  }

  /** Starts all nodes and waits until each of them serves. */
  static async start(options: ClusterOptions): Promise<LocalCluster> {
    const { jars, directory, nodes, heapMegabytes = 256, properties = {}, formatArguments = [] } = options;
    const listeners = options.listeners ?? {};
    const ports = await freePorts(2 * nodes);
    const voters = Array.from({ length: nodes }, (_, i) => ({ nodeId: i + 1, controllerPort: ports[i]! }));
    const clusterId = randomBytes(16).toString('base64url');
    const cluster = new LocalCluster(
      voters.map(
        ({ nodeId }, i) =>
          new LocalBroker({
            jars,
            directory: join(directory, `node-${nodeId}`),
            nodeId,
            port: i === 0 && options.port !== undefined ? options.port : ports[nodes + i]!,
            voters,
            clusterId,
            heapMegabytes,
            properties,
            listeners: i === 0 ? listeners : {},
            formatArguments,
          }),
      ),
    );
    await Promise.all(cluster.nodes.map((node) => node.start()));
    await cluster.ready();
    return cluster;
  }

  get brokers(): readonly string[] {
    return this.nodes.map(({ address }) => address);
  }

  /** Resolves once every started node answers and sees all of them; rejects when one has ended by itself. */
  async ready(): Promise<void> {
    const started = this.nodes.filter((node) => node.started);
    await Promise.all(started.map((node) => ready(node, started.length)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  async kill9(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill9()));
  }

  /** Starts every node that does not run, its data and port the same, and waits until all serve. */
  async restart(): Promise<void> {
    await Promise.all(this.nodes.filter(({ alive }) => !alive).map((node) => node.start()));
    await this.ready();
  }
}

async function ready(node: LocalBroker, brokers: number): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const admin = createKafka(
      {
        brokers: [node.address],
        clientId: 'local-kafka',
        tls: null,
        sasl: null,
        connectionTimeoutMs: 1_000,
        requestTimeoutMs: 5_000,
      },
      () => {},
    ).admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      if ((await admin.describeCluster()).brokers.length === brokers) return;
    } catch (error) {
      if (!node.alive) throw new Error(`the broker ended:\n${await node.lastOutput()}`);
      if (Date.now() > deadlineMs) throw error;
    } finally {
      await admin.disconnect();
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a port of a socket was expected');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
