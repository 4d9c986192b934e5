import { DadinError } from '../core/index.js';

/** Exit codes of every command; documented in docs/cli.md. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  input: 3,
  checkpoint: 4,
  learner: 5,
  output: 6,
  failedCheck: 7,
} as const;

const EXIT_OF_PREFIX: readonly (readonly [prefix: string, exit: number])[] = [
  ['DADIN_CONFIG_', EXIT.usage],
  ['DADIN_USAGE', EXIT.usage],
  ['DADIN_CONTROL_', EXIT.usage],
  ['DADIN_SOURCE_', EXIT.input],
  ['DADIN_POSITION_', EXIT.input],
  ['DADIN_ORDER_', EXIT.input],
  ['DADIN_CHECKPOINT_', EXIT.checkpoint],
  ['DADIN_BACKEND_', EXIT.learner],
  ['DADIN_LEARNER_', EXIT.learner],
  ['DADIN_SINK_', EXIT.output],
  ['DADIN_SERVER_', EXIT.output],
  ['DADIN_KAFKA_', EXIT.input],
  ['DADIN_FENCED', EXIT.output],
  ['DADIN_REGISTRY_', EXIT.input],
  ['DADIN_VERSION_', EXIT.output],
];

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof DadinError)) return EXIT.bug;
  return EXIT_OF_PREFIX.find(([prefix]) => error.code.startsWith(prefix))?.[1] ?? EXIT.bug;
}
