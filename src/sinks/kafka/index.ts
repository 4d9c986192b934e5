export { EventProducer, type ProducedEvent } from './event-producer.js';
export { createMissingTopics, missingTopics } from './missing-topics.js';
export { KafkaPublisher } from './publisher.js';
export { DeadLetterTopic, MetricsTopic, PredictionsTopic } from './topics.js';
export { TransactionalProducer } from './transactional-producer.js';
