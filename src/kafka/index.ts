export type { KafkaConnection, KafkaSasl, KafkaTls } from './connection.js';
export { createKafka } from './create-kafka.js';
export { isFenced, kafkaFailure } from './failure.js';
export { type KafkaLog, type KafkaLogEntry, kafkaNotices } from './log.js';
