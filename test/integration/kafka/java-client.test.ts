import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CompressionTypes, Partitioners } from 'kafkajs';
import { expect, it } from 'vitest';
import { KAFKA_VERSIONS, kafkaJars } from '../../../ops/kafka/jars.js';
import { createKafka } from '../../../src/kafka/index.js';
import { connectionTo, errorsOnly, noJava, noKafka, sharedBrokers, uniqueName } from '../../kafka/broker.js';
import { createTopic, readCommitted } from '../../kafka/read-committed.js';

const run = promisify(execFile);

const CODECS = {
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** Enough for several of xerial's blocks of 32 KiB. */
const values = Array.from({ length: 400 }, (_, i) =>
  `${i} ${'words that come again and again '.repeat(i % 40)}`.trim(),
);

it.skipIf(noKafka || noJava)(
  'every codec is understood by the Java client, and what that writes is understood by us',
  async () => {
    const kafka = createKafka(connectionTo(sharedBrokers), errorsOnly);
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const topics: { codec: string; ours: string; theirs: string }[] = [];
    for (const [codec, compression] of Object.entries(CODECS)) {
      const ours = await createTopic(kafka, uniqueName(`ours-${codec}`), 1);
      const theirs = await createTopic(kafka, uniqueName(`theirs-${codec}`), 1);
      await producer.send({ topic: ours, compression, messages: values.map((value) => ({ value })) });
      topics.push({ codec, ours, theirs });
    }
    await producer.disconnect();

    const jars = await kafkaJars(KAFKA_VERSIONS[0]);
    const copies = topics.map(({ codec, ours, theirs }) => `${codec}=${ours}=${theirs}`);
    const java = ['-XX:TieredStopAtLevel=1', '-cp', join(jars, '*'), 'test/kafka/RoundTrip.java'];
    const { stdout } = await run('java', [...java, sharedBrokers.join(','), ...copies], { maxBuffer: 1 << 26 });
    const lines = stdout.split('\n');
    for (const { codec, theirs } of topics) {
      const read = lines.filter((line) => line.startsWith(`${codec} `)).map((line) => line.slice(codec.length + 1));
      expect(read, codec).toEqual(values);
      expect((await readCommitted(kafka, theirs)).map(({ value }) => value)).toEqual(values);
    }
  },
);
