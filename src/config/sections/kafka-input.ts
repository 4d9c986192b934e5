import { z } from 'zod';
import { count, freeKey, learningKey, partKey, text } from '../key.js';

const START = /^(earliest|latest|\d+[smhd]|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

const offsets = z.record(
  z.string().regex(/^.+\/\d+$/, 'must be topic/partition'),
  z.union([z.int().min(0), z.string().regex(/^\d+$/, 'must be an offset')]),
);

const start = z.union([
  z
    .string()
    .regex(START, 'must be earliest, latest, how long ago (90s, 15m, 6h, 3d) or a time as 2026-11-24T10:00:00Z'),
  z.strictObject({ offsets: partKey(offsets, 'topic/partition -> offset, of every partition.') }),
]);

const stop = z.union([
  z.enum(['never', 'end']),
  z.strictObject({
    time: partKey(
      z.string().regex(TIME, 'must be a time with its zone, as 2026-11-24T10:00:00Z'),
      'Before the first record written at or after this time.',
    ),
  }),
  z.strictObject({
    offsets: partKey(offsets, 'Before these offsets, topic/partition -> offset; others at their end.'),
  }),
  z.strictObject({ records: partKey(count, 'After so many records of all partitions together.') }),
  z.strictObject({
    idleMs: partKey(count, 'Once no partition has brought anything for so long, in ms of clock time.'),
  }),
]);

const topic = z.strictObject({
  topic: freeKey(text, 'Name of the topic.'),
  domain: learningKey(
    z.enum(['target', 'source', 'message']),
    'Domain of its events: target (ads), source (news), or message: each tells its own, in its header `domain` or its field.',
  ),
  format: freeKey(
    z.enum(['json', 'avro', 'confluent']).default('json'),
    'What a message is: json (fields as in schemas/click-event.avsc), avro (that schema, without framing) or confluent (Avro, with the id of its schema in `kafka.registry` before it).',
  ),
});

/** Topics to learn from, where `input.kind` is `kafka`. */
export const kafkaInput = z
  .strictObject({
    topics: z.array(topic).default([]),
    groupId: freeKey(
      text.default('dadin-stream'),
      'Consumer group in which learners agree who learns; the others stand by.',
    ),
    start: freeKey(
      start.default('earliest'),
      'Where a partition begins that the checkpoint does not know: earliest, latest, how long ago (90s, 15m, 6h, 3d), a time (2026-11-24T10:00:00Z) or {offsets: {topic/0: 17}}. Applied once.',
    ),
    stop: freeKey(
      stop.default('never'),
      'Where reading ends: never, end (as it is at the start; what `replay` does), {time}, {offsets}, {records} or {idleMs}.',
    ),
    onLost: freeKey(
      z.enum(['fail', 'earliest']).default('fail'),
      'A position whose record was deleted unread: fail, or earliest to go on with the oldest record kept.',
    ),
    idleTimeoutMs: freeKey(
      count.default(30_000),
      'A partition known to be empty for so long, in ms of clock time, no longer holds the watermark; what it brings later and older is late.',
    ),
    sessionTimeoutMs: freeKey(
      z.int().min(1000).default(30_000),
      'A learner that the group has not heard of for so long, in ms of clock time, is taken for dead and a standby takes over.',
    ),
    maxBytesPerPartition: freeKey(
      count.default(1_048_576),
      'Bytes of a partition fetched ahead of reading; a larger single record still comes.',
    ),
    maxWaitMs: freeKey(
      count.default(250),
      'How long a broker may hold a question back when it has nothing new, in ms of clock time.',
    ),
    maxMessageBytes: freeKey(count.default(1_048_576), 'Larger messages are bad records.'),
    discoverEveryMs: freeKey(
      count.default(30_000),
      'How often to look for new partitions, in ms of clock time; they are read from their start.',
    ),
  })
  .prefault({});
