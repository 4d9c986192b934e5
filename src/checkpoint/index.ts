export {
  type Checkpoint,
  CheckpointDirectory,
  type CheckpointFacts,
  listCheckpoints,
  nameOf,
  readCheckpoint,
  readManifest,
} from './checkpoint-directory.js';
export { foldDigest, RunningDigest } from './fold-digest.js';
export { Journal, journalPath, readJournal } from './journal.js';
export type { CheckpointManifest, MigrationNote } from './manifest.js';
export { decodeSafetensors, encodeSafetensors } from './safetensors.js';
export { decodeState, encodeState } from './state-codec.js';
