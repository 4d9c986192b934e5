export { KafkaSource, type TopicOptions } from './kafka-source.js';
export { Ownership } from './ownership.js';
export { parseStart, type StartRule } from './start.js';
export type { StopRule } from './stop.js';
