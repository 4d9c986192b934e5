import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../../src/cli/commands.js';
import { parseConfig } from '../../../src/config/index.js';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const ready = readFileSync('configurations/kafka.yaml', 'utf8');

/** The ready configuration as a service of ours sees it. */
function configOf(service: string) {
  return parseConfig(ready, 'configurations/kafka.yaml', {
    env: services[service]!.environment as Record<string, string>,
  });
}

describe('docker-compose.yml', () => {
  it('mounts what is there, depends on what is there, and publishes to this machine only', () => {
    for (const { volumes = [], depends_on = {}, ports = [] } of Object.values(services)) {
      for (const path of volumes.map((volume) => volume.split(':')[0]!).filter((path) => path.startsWith('.')))
        expect(existsSync(path), path).toBe(true);
      for (const name of Object.keys(depends_on)) expect(services, name).toHaveProperty(name);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('pins every image that comes from elsewhere', () => {
    for (const [name, { image }] of Object.entries(services))
      expect(image, name).toMatch(/^(dadin-stream|[\w./-]+:v?\d+\.\d+\.\d+(\.\w+)?)$/);
  });

  it('calls commands that there are, with options that they take and a configuration that the image has', async () => {
    for (const { image, command = [] } of Object.values(services)) {
      if (image !== 'dadin-stream') continue;
      const [name = '', ...args] = command;
      const parsed = await COMMANDS[name]!.load();
      expect(parsed.parseOptions(args)).toMatchObject({ operands: [], unknown: [] });
      const { config } = parsed.opts<{ readonly config: string }>();
      expect(config).toMatch(/^\/app\/configurations\//);
      expect(existsSync(config.replace('/app/', '')), config).toBe(true);
    }
    expect(readFileSync('ops/docker/Dockerfile', 'utf8')).toContain('/app/configurations ./configurations');
  });

  it('gives generator and learner the same topics, in a registry that both reach', () => {
    for (const service of ['generator', 'learner']) {
      const { kafka, input } = configOf(service);
      expect(kafka.brokers).toEqual(['kafka:9092']);
      expect(kafka.registry).toMatchObject({ url: 'http://registry:8080/apis/ccompat/v7' });
      expect(input.kafka.topics.map(({ domain, format }) => [domain, format])).toEqual([
        ['target', 'confluent'],
        ['source', 'confluent'],
      ]);
    }
  });

  it('makes every topic that the learner reads or writes', () => {
    const { input, sinks } = configOf('learner');
    const { metricsTopic, predictionsTopic, deadLetterTopic } = sinks.kafka;
    const made = services['topics']!.command![0]!;
    for (const topic of [...input.kafka.topics.map((t) => t.topic), metricsTopic, predictionsTopic, deadLetterTopic])
      expect(made).toContain(` ${topic}`);
  });

  it('scrapes the port that the learner serves', () => {
    const { command = [] } = services['learner']!;
    const port = command[command.indexOf('--port') + 1];
    expect(readFileSync('ops/prometheus/prometheus.yml', 'utf8')).toContain(`learner:${port}`);
  });
});
