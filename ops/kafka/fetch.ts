import { KAFKA_VERSIONS, kafkaJars } from './jars.js';

/** Fetches the jars of every Kafka version that is tested; in CI before the tests, so that none of them waits. */
for (const version of KAFKA_VERSIONS) console.log(await kafkaJars(version));
