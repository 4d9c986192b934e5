import type { Kafka } from 'kafkajs';

/** Those of the topics that are not there, or that we may not see. */
export async function missingTopics(kafka: Kafka, topics: readonly string[]): Promise<readonly string[]> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const present = new Set(await admin.listTopics());
    return [...new Set(topics)].filter((topic) => !present.has(topic));
  } finally {
    await admin.disconnect();
  }
}

/** Creates those of the topics that are not there; returns their names. */
export async function createMissingTopics(
  kafka: Kafka,
  topics: readonly string[],
  numPartitions: number,
): Promise<readonly string[]> {
  const missing = await missingTopics(kafka, topics);
  if (missing.length === 0) return missing;
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.createTopics({ topics: missing.map((topic) => ({ topic, numPartitions })), waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
  return missing;
}
