import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../ops/kafka/local-cluster.js';
import { createKafka, type KafkaConnection, kafkaFailure } from '../../../src/kafka/index.js';
import { connectionTo, noJava, noKafka, startCluster } from '../../kafka/broker.js';

const run = promisify(execFile);
const PASSWORD = 'correct horse';
const MODULE = 'org.apache.kafka.common.security';

/** A token without signature, as a broker without an identity provider takes it. */
function token(subject: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const nowS = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: nowS, exp: nowS + 600 })}.`;
}

describe.skipIf(noKafka || noJava)('TLS and authentication, on Kafka 3.9', () => {
  let directory: string;
  let ca: string;
  let address: string;
  let own: Awaited<ReturnType<typeof startCluster>>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'dadin-tls-'));
    const store = join(directory, 'broker.p12');
    const keystore = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', 'changeit', '-alias', 'broker'];
    const names = ['-dname', 'CN=broker.test', '-ext', 'san=dns:broker.test'];
    await run('keytool', ['-genkeypair', '-keyalg', 'EC', '-validity', '2', ...keystore, ...names]);
    await run('keytool', ['-exportcert', '-rfc', '-file', join(directory, 'ca.pem'), ...keystore]);
    ca = readFileSync(join(directory, 'ca.pem'), 'utf8');
    const [port] = (await freePorts(1)) as [number];
    address = `127.0.0.1:${port}`;
    const prefix = 'listener.name.secure';
    own = await startCluster(1, {
      version: '3.9.2',
      listeners: { SECURE: { port, protocol: 'SASL_SSL' } },
      properties: {
        [`${prefix}.ssl.keystore.location`]: store,
        [`${prefix}.ssl.keystore.password`]: 'changeit',
        [`${prefix}.ssl.keystore.type`]: 'PKCS12',
        [`${prefix}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        [`${prefix}.plain.sasl.jaas.config`]: `${MODULE}.plain.PlainLoginModule required user_alice="${PASSWORD}";`,
        [`${prefix}.scram-sha-256.sasl.jaas.config`]: `${MODULE}.scram.ScramLoginModule required;`,
        [`${prefix}.scram-sha-512.sasl.jaas.config`]: `${MODULE}.scram.ScramLoginModule required;`,
        [`${prefix}.oauthbearer.sasl.jaas.config`]: `${MODULE}.oauthbearer.OAuthBearerLoginModule required;`,
      },
      formatArguments: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
        '--add-scram',
        `${mechanism}=[name=alice,password=${PASSWORD}]`,
      ]),
    });
  });
  afterAll(async () => {
    await own.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  async function connect(changes: Partial<KafkaConnection>, logged: string[] = []): Promise<number> {
    const tls = { ca, serverName: 'broker.test' };
    const connection = { ...connectionTo([address]), tls, ...changes };
    const admin = createKafka(connection, (entry) => logged.push(JSON.stringify(entry))).admin({
      retry: { retries: 1 },
    });
    try {
      await admin.connect();
      return (await admin.describeCluster()).brokers.length;
    } catch (error) {
      throw kafkaFailure(error, 'test');
    } finally {
      await admin.disconnect();
    }
  }

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    '%s lets in who knows the password, and nobody else',
    async (mechanism) => {
      const logged: string[] = [];
      expect(await connect({ sasl: { mechanism, username: 'alice', password: PASSWORD } }, logged)).toBe(1);
      const wrong = { mechanism, username: 'alice', password: 'wrong guess' };
      await expect(connect({ sasl: wrong }, logged)).rejects.toMatchObject({ code: 'DADIN_KAFKA_REFUSED' });
      expect(logged.join('\n')).not.toMatch(/correct horse|wrong guess/);
    },
  );

  it('oauthbearer asks for its token', async () => {
    let asked = 0;
    const sasl = {
      mechanism: 'oauthbearer' as const,
      token: async () => {
        asked++;
        return token('alice');
      },
    };
    expect(await connect({ sasl })).toBe(1);
    expect(asked).toBeGreaterThan(0);
  });

  it('a certificate of another name, or of an authority that is not trusted, is no broker of ours', async () => {
    const sasl = { mechanism: 'plain', username: 'alice', password: PASSWORD } as const;
    await expect(connect({ sasl, tls: { ca, serverName: 'other.test' } })).rejects.toThrow('other.test');
    await expect(connect({ sasl, tls: { serverName: 'broker.test' } })).rejects.toMatchObject({
      code: 'DADIN_KAFKA_UNREACHABLE',
    });
  });
});
