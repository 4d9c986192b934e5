export { type FreshSummary, type GateOptions, type GateSummary, gateReasons } from './gate.js';
export {
  type EncodedVersion,
  encodeVersion,
  lineageOf,
  type RowFormat,
  type VersionFacts,
  type VersionManifest,
  type VersionRef,
} from './manifest.js';
export type { LogRecord, RecordLog } from './record-log.js';
export { type RefusedVersion, RefusedVersions, readRefused } from './refused-versions.js';
export { chainTo } from './version-chain.js';
export { decodeServing, encodeServing, shapesOf } from './version-codec.js';
export { VersionDirectory } from './version-directory.js';
export { readVersionFolder } from './version-folder.js';
export type { KeptVersion, VersionSink } from './version-sink.js';
export type { Pin, PublishedVersion, VersionNews, VersionSource } from './version-source.js';
export { VersionTopic } from './version-topic.js';
