import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exists } from './jars.js';

const run = promisify(execFile);
const LOG4J = fileURLToPath(new URL('log4j.properties', import.meta.url));

export interface BrokerOptions {
  /** Folder of the version's jars. */
  readonly jars: string;
  /** Of the broker's configuration, data and output; made if missing, and kept. */
  readonly directory: string;
  /** From 1. */
  readonly nodeId: number;
  readonly port: number;
  /** `controller.quorum.voters`: the same for all nodes of a cluster. */
  readonly voters: readonly { readonly nodeId: number; readonly controllerPort: number }[];
  readonly clusterId: string;
  readonly heapMegabytes: number;
  /** Further lines of server.properties, or other values for those below. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Beside the plain one: name -> port and security protocol, such as SASL_SSL. */
  readonly listeners?: Readonly<Record<string, { readonly port: number; readonly protocol: string }>>;
  /** Further arguments of `StorageTool format`, such as `--add-scram`. */
  readonly formatArguments?: readonly string[];
}

/** One real Apache Kafka node, broker and controller in one process (KRaft), on 127.0.0.1. */
export class LocalBroker {
  readonly #options: BrokerOptions;
  #process: ChildProcess | null = null;
  readonly #killAtExit = (): void => void this.#process?.kill('SIGKILL');

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  get address(): string {
    return `127.0.0.1:${this.#options.port}`;
  }

  /** Formats the storage on the first start; resolves once the process runs, which is before it answers. */
  async start(): Promise<void> {
    const { jars, directory, clusterId, heapMegabytes, formatArguments = [] } = this.#options;
    await mkdir(directory, { recursive: true });
    const properties = join(directory, 'server.properties');
    await writeFile(properties, this.#properties());
    const classPath = ['-cp', join(jars, '*')];
    const small = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Dlog4j.configuration=file:${LOG4J}`];
    if (!(await exists(join(directory, 'data', 'meta.properties')))) {
      // an id may begin with a dash
      const format = [
        'kafka.tools.StorageTool',
        'format',
        `--cluster-id=${clusterId}`,
        '-c',
        properties,
        ...formatArguments,
      ];
      await run('java', [...small, ...classPath, ...format]);
    }
    const output = openSync(this.outputPath, 'a');
    this.#process = spawn('java', [`-Xmx${heapMegabytes}m`, ...small, ...classPath, 'kafka.Kafka', properties], {
      stdio: ['ignore', output, output],
      detached: true, // a Ctrl-C in the terminal is for us, who then stop it in order
    });
    closeSync(output);
    process.once('exit', this.#killAtExit);
  }

  get outputPath(): string {
    return join(this.#options.directory, 'output.log');
  }

  /** Started, and not stopped or killed by us. */
  get started(): boolean {
    return this.#process !== null;
  }

  /** Whether the process runs; one that is started and does not has ended by itself. */
  get alive(): boolean {
    return this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The last lines the broker wrote, for messages. */
  async lastOutput(lines = 20): Promise<string> {
    const text = await readFile(this.outputPath, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** In order: leadership moves, logs are closed. About 2 s. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Freezes the process; sockets stay open and nothing answers. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    if (this.alive) {
      const ended = once(child, 'exit');
      child.kill(signal);
      child.kill('SIGCONT');
      await ended;
    }
    process.removeListener('exit', this.#killAtExit);
    this.#process = null;
  }

  #properties(): string {
    const { nodeId, port, voters, directory, properties, listeners = {} } = this.#options;
    const controller = voters.find((voter) => voter.nodeId === nodeId)?.controllerPort;
    const replicas = String(voters.length);
    const plain = `PLAINTEXT://127.0.0.1:${port}`;
    const more = Object.entries(listeners);
    const served = [plain, ...more.map(([name, listener]) => `${name}://127.0.0.1:${listener.port}`)].join(',');
    const protocols = more.map(([name, { protocol }]) => `,${name}:${protocol}`).join('');
    const inSync = voters.length > 1 ? '2' : '1';
    return Object.entries({
      'process.roles': 'broker,controller',
      'node.id': String(nodeId),
      'controller.quorum.voters': voters.map((v) => `${v.nodeId}@127.0.0.1:${v.controllerPort}`).join(','),
      'controller.listener.names': 'CONTROLLER',
      listeners: `${served},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': served,
      'listener.security.protocol.map': `CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT${protocols}`,
      'inter.broker.listener.name': 'PLAINTEXT',
      'log.dirs': join(directory, 'data'),
      'auto.create.topics.enable': 'false',
      'group.initial.rebalance.delay.ms': '0',
      // a node killed with -9 may not come back before its session has run out: 9 s otherwise
      'broker.session.timeout.ms': '2000',
      'broker.heartbeat.interval.ms': '500',
      'default.replication.factor': replicas,
      'min.insync.replicas': inSync,
      'offsets.topic.num.partitions': '1',
      'offsets.topic.replication.factor': replicas,
      'transaction.state.log.num.partitions': '1',
      'transaction.state.log.replication.factor': replicas,
      'transaction.state.log.min.isr': inSync,
      'share.coordinator.state.topic.num.partitions': '1',
      'share.coordinator.state.topic.replication.factor': replicas,
      'share.coordinator.state.topic.min.isr': inSync,
      ...properties,
    })
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
  }
}
