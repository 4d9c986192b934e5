import { type LogEntry, logLevel } from 'kafkajs';

export interface KafkaLogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Part of the client that speaks: `Connection`, `ConsumerGroup`... */
  readonly part: string;
  readonly message: string;
  /** Broker, topic, group, error text; no record contents, no secrets. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export type KafkaLog = (entry: KafkaLogEntry) => void;

/**
 * What a healthy cluster answers now and then, which the client reports as an error and then retries by itself: texts of
 * kafkajs 2.2.4 (`src/protocol/error.js`).
 */
const PASSING: readonly string[] = [
  "The coordinator is loading and hence can't process requests for this group",
  'The group coordinator is not available',
  'This is not the correct coordinator for this group',
  'The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing',
  'The group is rebalancing, so a rejoin is needed',
  'There is no leader for this topic-partition as we are in the middle of a leadership election',
  'This server is not the leader for that topic-partition',
  'This is not the correct controller for this cluster',
];

const LEVELS: Readonly<Record<number, KafkaLogEntry['level']>> = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'info',
  [logLevel.DEBUG]: 'debug',
};

/** Hands the client's log entries on; what passes by itself is shown at `debug` only. */
export function logCreator(log: KafkaLog): () => (entry: LogEntry) => void {
  return () =>
    ({ namespace, level, log: { message, timestamp: _timestamp, logger: _logger, ...fields } }) =>
      log({
        level: passes(message, fields['error']) ? 'debug' : (LEVELS[level] ?? 'debug'),
        part: namespace,
        message,
        fields,
      });
}

/**
 * A consumer that meets a passing error reports a crash with the error's text in it, and then that it restarts; limited
 * retries are our choice: whoever sends retries, or gives up with an error.
 */
function passes(message: string, error: unknown): boolean {
  if (message.startsWith('Restarting the consumer') || message.startsWith('Limiting retries')) return true;
  return PASSING.some((text) => error === text || message.includes(text));
}

/** Only what the client cannot help by itself, as text; the rest is the caller's to say. */
export function kafkaNotices(notice: (message: string) => void): KafkaLog {
  return ({ level, part, message, fields }) => {
    const broker = fields['broker'];
    if (level === 'warn' && part !== 'Connection')
      notice(`kafka ${part}: ${message}${broker === undefined ? '' : ` (${String(broker)})`}`);
  };
}
