import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../src/config/index.js';
import { createKafka } from '../../src/kafka/index.js';
import { createMissingTopics } from '../../src/sinks/kafka/index.js';
import { CACHE, KAFKA_VERSIONS, kafkaJars } from './jars.js';
import { LocalCluster } from './local-cluster.js';

const USAGE = `npm run kafka -- [--version ${KAFKA_VERSIONS.join('|')}|...] [--port 9092]

A real Apache Kafka node on 127.0.0.1, from Maven jars, with the topics of configurations/kafka.yaml. Data stay in
.kafka/data-VERSION; remove the folder to start afresh. Ctrl-C stops it. Needs a JDK (17 or newer) and Maven.`;

const CONFIGURATION = 'configurations/kafka.yaml';
const PARTITIONS = 3;

const { values } = parseArgs({
  options: {
    version: { type: 'string', default: KAFKA_VERSIONS[0] },
    port: { type: 'string', default: '9092' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  const { version } = values;
  console.log(`Kafka ${version}: jars (fetched once), storage, start ...`);
  const cluster = await LocalCluster.start({
    jars: await kafkaJars(version),
    directory: join(CACHE, `data-${version}`),
    nodes: 1,
    port: Number(values.port),
    heapMegabytes: 384,
  });
  const { input, sinks } = await loadConfig(CONFIGURATION);
  const { metricsTopic, predictionsTopic, deadLetterTopic } = sinks.kafka;
  const topics = [...input.kafka.topics.map(({ topic }) => topic), metricsTopic, predictionsTopic, deadLetterTopic];
  const kafka = createKafka(
    {
      brokers: cluster.brokers,
      clientId: 'npm-run-kafka',
      tls: null,
      sasl: null,
      connectionTimeoutMs: 5_000,
      requestTimeoutMs: 30_000,
    },
    () => {},
  );
  const named = topics.filter((topic) => topic !== null);
  await createMissingTopics(kafka, named, PARTITIONS);
  const set = values.port === '9092' ? '' : ` --set kafka.brokers='["127.0.0.1:${values.port}"]'`;
  console.log(`
Kafka ${version} listens on ${cluster.brokers.join(', ')}; Ctrl-C stops it.
topics: ${named.join(', ')}

next, in another terminal (after npm run build)
  npx dadin-stream simulate --to kafka --rate 2000 --config ${CONFIGURATION}${set}
  npx dadin-stream run --config ${CONFIGURATION}${set}
`);
  const stop = async (): Promise<void> => {
    clearInterval(watch);
    console.log('stopping ...');
    await cluster.stop();
  };
  const watch = setInterval(async () => {
    if (cluster.nodes[0]!.alive) return;
    clearInterval(watch);
    console.error(`Kafka ended by itself:\n${await cluster.nodes[0]!.lastOutput()}`);
    process.exitCode = 1;
  }, 500);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}
