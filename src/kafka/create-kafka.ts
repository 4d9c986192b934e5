import type { ConnectionOptions } from 'node:tls';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { registerCodecs } from './codecs.js';
import type { KafkaConnection, KafkaSasl, KafkaTls } from './connection.js';
import { patchHeartbeat } from './heartbeat-patch.js';
import { type KafkaLog, logCreator } from './log.js';
import { patchRequestQueue } from './request-queue-patch.js';

/**
 * A Kafka client that knows every codec, idles without burning a core and speaks through `log`. It connects to nothing
 * until a producer, consumer or admin made from it does. A request is retried for about 15 s; whoever must outlast a
 * longer outage retries on its own.
 */
export function createKafka(connection: KafkaConnection, log: KafkaLog): Kafka {
  patchRequestQueue();
  patchHeartbeat();
  registerCodecs();
  const { brokers, clientId, tls, sasl, connectionTimeoutMs, requestTimeoutMs } = connection;
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ...(tls === null ? {} : { ssl: tlsOptions(tls) }),
    ...(sasl === null ? {} : { sasl: saslOptions(sasl) }),
    connectionTimeout: connectionTimeoutMs,
    authenticationTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry: { initialRetryTime: 50, maxRetryTime: 5_000, retries: 9 },
    logLevel: logLevel.INFO,
    logCreator: logCreator(log),
  });
}

function tlsOptions({ ca, cert, key, serverName }: KafkaTls): ConnectionOptions {
  return {
    ...(ca === undefined ? {} : { ca: [ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function saslOptions(sasl: KafkaSasl): NonNullable<KafkaConfig['sasl']> {
  if (sasl.mechanism !== 'oauthbearer') return sasl;
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await sasl.token() }) };
}
