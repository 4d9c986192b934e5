export { DadinError, type ErrorCode, type ErrorDetails } from '../core/index.js';
export {
  type Pin,
  type PublishedVersion,
  type RecordLog,
  VersionDirectory,
  type VersionManifest,
  type VersionNews,
  type VersionRef,
  type VersionSource,
  VersionTopic,
} from '../versions/index.js';
export { KafkaLog, type RecordProducer } from './kafka-log.js';
export { type Click, KeptHistories, type KeptHistoriesOptions } from './kept-histories.js';
export type { Described, FeatureValues, ScoreAnswer, ScoreRequest } from './score-request.js';
export { type LoadedVersion, Scorer } from './scorer.js';
export type { ScorerOptions } from './scorer-options.js';
export { type SubscribeOptions, subscribe } from './subscribe.js';
export { VersionFollower } from './version-follower.js';
