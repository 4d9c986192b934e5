/**
 * The one family of errors. Every code has an anchor in docs/errors.md (a test holds both ends together).
 * Bad records are not errors: see `BadRecord`.
 */
export const ERROR_CODES = [
  'DADIN_CONFIG_INVALID',
  'DADIN_CONFIG_NOT_FOUND',
  'DADIN_SOURCE_NOT_FOUND',
  'DADIN_SOURCE_EMPTY',
  'DADIN_SOURCE_HEADER',
  'DADIN_SOURCE_NO_TIME',
  'DADIN_SOURCE_UNREADABLE',
  'DADIN_POSITION_LOST',
  'DADIN_ORDER_BUFFER_FULL',
  'DADIN_CHECKPOINT_UNREADABLE',
  'DADIN_CHECKPOINT_MISMATCH',
  'DADIN_CHECKPOINT_LOCKED',
  'DADIN_CHECKPOINT_WRITE',
  'DADIN_BACKEND_UNAVAILABLE',
  'DADIN_LEARNER_FAILED',
  'DADIN_SINK_WRITE',
  'DADIN_SERVER_LISTEN',
  'DADIN_KAFKA_UNREACHABLE',
  'DADIN_KAFKA_REFUSED',
  'DADIN_FENCED',
  'DADIN_REGISTRY_UNREACHABLE',
  'DADIN_REGISTRY_REFUSED',
  'DADIN_VERSION_UNREADABLE',
  'DADIN_VERSION_FORMAT',
  'DADIN_VERSION_FOREIGN',
  'DADIN_VERSION_GAP',
  'DADIN_VERSION_WRITE',
  'DADIN_CONTROL_REFUSED',
  'DADIN_SCORING_UNAVAILABLE',
  'DADIN_USAGE',
  'DADIN_BUG',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetails {
  /** The stage that failed, in the words of the architecture: `read`, `decode`, `order`, `train`, `checkpoint`... */
  readonly step: string;
  readonly partition?: string;
  readonly position?: bigint;
  readonly got?: string;
  readonly expected?: string;
  /** What the user can do about it. */
  readonly remedy?: string;
  /** Whether the same call may succeed later with nothing changed. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Only what is a bug or a refusal to start throws; the message is one a user can act on. */
export class DadinError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DadinError';
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    return this.details.retryable ?? false;
  }

  /** Several lines for a terminal: what, where, got, expected, remedy, and the anchor of its documentation. */
  describe(): string {
    const { step, partition, position, got, expected, remedy } = this.details;
    const where = partition === undefined ? '' : ` at ${partition}${position === undefined ? '' : `:${position}`}`;
    const lines = [`${this.code}: ${this.message}`, `  step      ${step}${where}`];
    if (got !== undefined) lines.push(`  got       ${got}`);
    if (expected !== undefined) lines.push(`  expected  ${expected}`);
    if (remedy !== undefined) lines.push(`  remedy    ${remedy}`);
    lines.push(`  see       docs/errors.md#${this.code.toLowerCase()}`);
    return lines.join('\n');
  }
}

/** For conditions that only a bug can bring about. */
export function bug(message: string): never {
  throw new DadinError('DADIN_BUG', message, {
    step: 'internal',
    remedy: 'please report this with the command you ran',
  });
}
