import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kafkaConnection } from '../../../pipelines/kafka-connection.js';
import { parseConfig } from '../../../src/config/index.js';

let baseDirectory: string;
beforeEach(() => {
  baseDirectory = mkdtempSync(join(tmpdir(), 'kafka-connection-'));
});
afterEach(() => rmSync(baseDirectory, { recursive: true }));

const connection = (text: string, env: Record<string, string> = {}) =>
  kafkaConnection(parseConfig(`kafka: ${text}`, 'k.yaml').kafka, { env, baseDirectory });

describe('kafkaConnection', () => {
  it('reads certificates and password', async () => {
    writeFileSync(join(baseDirectory, 'ca.pem'), 'PEM');
    const sasl = '{mechanism: plain, username: u, password: {env: PASSWORD}}';
    expect(
      await connection(`{tls: {ca: ca.pem, serverName: broker}, sasl: ${sasl}}`, { PASSWORD: 'hunter2' }),
    ).toMatchObject({
      tls: { ca: 'PEM', serverName: 'broker' },
      sasl: { mechanism: 'plain', username: 'u', password: 'hunter2' },
    });
  });

  it('reads a token again each time', async () => {
    writeFileSync(join(baseDirectory, 'token'), 'first\n');
    const { sasl } = await connection('{sasl: {mechanism: oauthbearer, token: {file: token}}}');
    if (sasl?.mechanism !== 'oauthbearer') throw new Error('another mechanism');
    expect(await sasl.token()).toBe('first');
    writeFileSync(join(baseDirectory, 'token'), 'second\n');
    expect(await sasl.token()).toBe('second');
  });

  it('says what is missing', async () => {
    await expect(connection('{tls: {ca: none.pem}}')).rejects.toMatchObject({
      code: 'DADIN_CONFIG_INVALID',
      message: expect.stringContaining('kafka.tls.ca'),
    });
    const sasl = '{mechanism: oauthbearer, token: {env: TOKEN}}';
    await expect(connection(`{sasl: ${sasl}}`)).rejects.toThrow('TOKEN is not set');
  });
});
