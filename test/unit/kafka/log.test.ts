import { type LogEntry, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import type { KafkaLogEntry } from '../../../src/kafka/index.js';
import { logCreator } from '../../../src/kafka/log.js';

function logged(level: logLevel, message: string, fields: Record<string, unknown> = {}): KafkaLogEntry {
  const entries: KafkaLogEntry[] = [];
  const write = logCreator((entry) => entries.push(entry))();
  write({
    namespace: 'Connection',
    level,
    label: '',
    log: { timestamp: '2026-01-01T00:00:00.000Z', logger: 'kafkajs', message, ...fields },
  } satisfies LogEntry);
  return entries[0]!;
}

describe("the client's log", () => {
  it('hands errors on with their fields, without what the sink adds itself', () => {
    expect(logged(logLevel.ERROR, 'Connection error', { broker: 'b:9092' })).toEqual({
      level: 'error',
      part: 'Connection',
      message: 'Connection error',
      fields: { broker: 'b:9092' },
    });
    expect(logged(logLevel.WARN, 'slow').level).toBe('warn');
  });

  it('shows what passes by itself at debug', () => {
    const loading = "The coordinator is loading and hence can't process requests for this group";
    expect(logged(logLevel.ERROR, 'Response JoinGroup(key: 11, version: 5)', { error: loading }).level).toBe('debug');
    expect(logged(logLevel.ERROR, `Crash: KafkaJSProtocolError: ${loading}`).level).toBe('debug');
    expect(logged(logLevel.ERROR, 'Restarting the consumer in 50ms').level).toBe('debug');
    expect(logged(logLevel.ERROR, 'Crash: KafkaJSConnectionError: refused').level).toBe('error');
  });
});
