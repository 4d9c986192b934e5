import type { TestProject } from 'vitest/node';
import { findBroker } from './find-broker.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Addresses of the broker that all Kafka tests share; none where no broker can be had. */
    kafkaBrokers: readonly string[];
  }
}

/** One broker for all Kafka tests that do not break it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const { brokers, from, stop } = await findBroker();
    process.stderr.write(`Kafka tests run against ${brokers.join(', ')} from ${from}\n`);
    project.provide('kafkaBrokers', brokers);
    return stop;
  } catch (error) {
    process.stderr.write(
      `KAFKA TESTS ARE SKIPPED: no KAFKA_BROKERS, no container runtime, no JDK with Maven (${(error as Error).message})\n`,
    );
    project.provide('kafkaBrokers', []);
    return async () => {};
  }
}
