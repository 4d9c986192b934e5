import { describe, expect, it } from 'vitest';
import { defaultConfig, parseConfig, printConfig } from '../../../src/config/index.js';

const parse = (text: string) => parseConfig(`kafka: ${text}`, 'k.yaml').kafka;

describe('the kafka section', () => {
  it('is a plain local broker where nothing is said', () => {
    expect(defaultConfig().kafka).toEqual({
      brokers: ['127.0.0.1:9092'],
      clientId: 'dadin-stream',
      tls: null,
      sasl: null,
      registry: null,
      connectionTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
    });
  });

  it('takes addresses with a port only', () => {
    expect(parse('{brokers: ["kafka-1.example.org:9093", "[::1]:9092"]}').brokers).toHaveLength(2);
    expect(() => parse('{brokers: ["kafka-1"]}')).toThrow('host:port');
    expect(() => parse('{brokers: ["kafka://kafka-1:9092"]}')).toThrow('host:port');
    expect(() => parse('{brokers: []}')).toThrow('kafka.brokers');
  });

  it('refuses a certificate without its key', () => {
    expect(parse('{tls: {}}').tls).toEqual({});
    expect(() => parse('{tls: {cert: c.pem}}')).toThrow('cert and key go together');
  });

  it('takes a registry by its address, or a folder of schemas', () => {
    expect(parse('{registry: {url: "https://registry/apis/ccompat/v7"}}').registry).toEqual({
      url: 'https://registry/apis/ccompat/v7',
      timeoutMs: 10_000,
    });
    expect(parse('{registry: {directory: schemas}}').registry).toEqual({ directory: 'schemas' });
    expect(() => parse('{registry: {url: registry:8081}}')).toThrow('kafka.registry');
    expect(() => parse('{registry: {url: "http://r", password: hunter2}}')).toThrow('kafka.registry');
  });

  it('holds references to secrets, never a secret', () => {
    const sasl = '{mechanism: scram-sha-512, username: u, password: {env: PASSWORD}}';
    expect(parse(`{sasl: ${sasl}}`).sasl).toEqual({
      mechanism: 'scram-sha-512',
      username: 'u',
      password: { env: 'PASSWORD' },
    });
    expect(() => parse('{sasl: {mechanism: plain, username: u, password: hunter2}}')).toThrow('kafka.sasl');
    expect(() => parse('{sasl: {mechanism: kerberos, username: u, password: {env: P}}}')).toThrow('kafka.sasl');
    expect(printConfig(parseConfig(`kafka: {sasl: ${sasl}}`, 'k.yaml'))).toContain('env: PASSWORD');
  });
});
