import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Of a request: its kind by Kafka's protocol. */
export const END_TRANSACTION = 26;

/** What becomes of a request of a client, or of its answer. */
type Fate = 'pass' | 'swallow request' | 'swallow answer';

const SIZE_BYTES = 4;

/** Stands between clients and one broker and looks at each request before the broker gets it. */
export class KafkaProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `fate`: asked for each request's kind. */
  static async start(brokerPort: number, fate: (kind: number) => Fate): Promise<KafkaProxy> {
    const server = createServer();
    const proxy = new KafkaProxy(server);
    server.on('connection', (client) => proxy.#relay(client, connect(brokerPort, '127.0.0.1'), fate));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #relay(client: Socket, broker: Socket, fate: (kind: number) => Fate): void {
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {}); // the close that follows ends the other side, too
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    let pending = Buffer.alloc(0);
    let answers = true;
    client.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (;;) {
        if (pending.length < SIZE_BYTES + 2) return;
        const end = SIZE_BYTES + pending.readInt32BE(0);
        if (pending.length < end) return;
        const request = pending.subarray(0, end);
        pending = pending.subarray(end);
        const became = fate(request.readInt16BE(SIZE_BYTES));
        if (became === 'swallow answer') answers = false;
        if (became !== 'swallow request') broker.write(request);
      }
    });
    broker.on('data', (bytes) => {
      if (answers) client.write(bytes);
    });
  }
}
