import { DadinError } from '../core/index.js';

interface ClientError {
  readonly name: string;
  readonly type?: string;
  readonly code?: number | string;
  readonly message: string;
  readonly cause?: unknown;
}

/** A newer producer took the transactional id: INVALID_PRODUCER_EPOCH, PRODUCER_FENCED in newer protocol versions. */
const FENCED: readonly (number | string | undefined)[] = [47, 90];

/** What no waiting mends: the broker understood and said no. */
const REFUSALS: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'INVALID_TRANSACTION_TIMEOUT',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'UNSUPPORTED_VERSION',
]);

/** Whether a successor has taken the transactional id over. */
export function isFenced(error: unknown): boolean {
  return chain(error).some(({ name, code }) => name === 'KafkaJSProtocolError' && FENCED.includes(code));
}

/**
 * What a user can act on, of what the client threw: DADIN_KAFKA_REFUSED where brokers said no (rights, passwords, sizes),
 * else DADIN_KAFKA_UNREACHABLE, which may pass. An error of
 * ours stays as it is; what the client did not expect either is a bug.
 */
export function kafkaFailure(error: unknown, step: string): DadinError {
  if (error instanceof DadinError) return error;
  const causes = chain(error);
  const message = causes.at(-1)?.message ?? String(error);
  if (!causes.some(({ name }) => name.startsWith('KafkaJS'))) {
    return new DadinError('DADIN_BUG', message, { step, cause: error }); // waiting would hide it
  }
  const refused = causes.some(
    ({ name, type }) => name === 'KafkaJSSASLAuthenticationError' || (type !== undefined && REFUSALS.has(type)),
  );
  return refused
    ? new DadinError('DADIN_KAFKA_REFUSED', `Kafka refuses: ${message}`, {
        step,
        remedy: 'compare user, password, rights and sizes with docs/kafka.md',
        cause: error,
      })
    : new DadinError('DADIN_KAFKA_UNREACHABLE', `Kafka does not answer: ${message}`, {
        step,
        remedy: 'are the addresses in kafka.brokers right, and does a broker listen there?',
        retryable: true,
        cause: error,
      });
}

/** The error and what brought it about, outermost first. */
function chain(error: unknown): readonly ClientError[] {
  const errors: ClientError[] = [];
  for (let inner = error; inner instanceof Error && errors.length < 10; inner = inner.cause) {
    errors.push(inner as ClientError);
  }
  return errors;
}
