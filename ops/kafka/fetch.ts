import { fetchRegistry, KAFKA_VERSIONS, kafkaJars } from './jars.js';

/**
 * Fetches what the Kafka tests run against: the jars of every Kafka version that is tested, and a schema registry. In CI
 * before the tests, so that none of them waits.
 */
for (const version of KAFKA_VERSIONS) console.log(await kafkaJars(version));
console.log(await fetchRegistry());
