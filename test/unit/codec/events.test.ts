import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createAvroEventDecoder,
  createJsonEventDecoder,
  type EventDecoder,
  type EventDecoderOptions,
  encodeAvroEvent,
  encodeJsonEvent,
} from '../../../src/codec/index.js';
import type { BadRecordCode, ClickEvent } from '../../../src/core/index.js';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const name = text.filter((value) => !['__proto__', 'constructor', 'prototype'].includes(value));
const features = fc.array(fc.record({ name, values: fc.array(text, { minLength: 1, maxLength: 4 }) }), {
  maxLength: 4,
});

const event: fc.Arbitrary<ClickEvent> = fc.record({
  eventId: text,
  kind: fc.constantFrom('impression', 'click'),
  impressionId: text,
  eventTimeMs: fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }),
  domain: fc.constantFrom('target', 'source'),
  userId: text,
  itemId: text,
  clicked: fc.constantFrom(true, false, null),
  userFeatures: features,
  itemFeatures: features,
  row: fc.integer({ min: -1, max: 2 ** 52 - 1 }),
});

const EVENT: ClickEvent = {
  eventId: 'e',
  kind: 'impression',
  impressionId: 'i',
  eventTimeMs: 1,
  domain: 'target',
  userId: 'u',
  itemId: 'x',
  clicked: null,
  userFeatures: [{ name: 'age', values: ['3'] }],
  itemFeatures: [],
  row: -1,
};

const OPTIONS: EventDecoderOptions = { domain: null, maxBytes: 100_000 };
const CODECS: [string, (event: ClickEvent) => Buffer, (options: EventDecoderOptions) => EventDecoder][] = [
  ['Avro', encodeAvroEvent, createAvroEventDecoder],
  ['JSON', encodeJsonEvent, createJsonEventDecoder],
];

const code = (decode: EventDecoder, bytes: Uint8Array, header: string | null = null): BadRecordCode | null => {
  const decoded = decode(bytes, header);
  return decoded.ok ? null : decoded.bad.code;
};

describe.each(CODECS)('click events in %s', (_, encode, createDecoder) => {
  const decode = createDecoder(OPTIONS);

  it('come back as they went', () => {
    fc.assert(
      fc.property(event, (value) => {
        expect(decode(encode(value), null)).toEqual({ ok: true, value });
      }),
    );
  });

  it('are never more than a bad record, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decode(bytes, null);
        if (!decoded.ok) expect(decoded.bad.original).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(event, fc.nat(), fc.nat(255), (value, place, byte) => {
        const bytes = encode(value);
        bytes[place % bytes.length] = byte;
        expect(decode(bytes, null).ok).toBeTypeOf('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  it('are refused when cut off anywhere, or when something follows', () => {
    const bytes = encode(EVENT);
    for (let length = 0; length < bytes.length; length++) {
      expect(code(decode, bytes.subarray(0, length))).toBe('DADIN_RECORD_MALFORMED');
    }
    expect(code(decode, Buffer.concat([bytes, Buffer.of(7)]))).toBe('DADIN_RECORD_MALFORMED');
  });

  it('are refused unread over the size limit, keeping 64 KiB', () => {
    const decoded = createDecoder({ domain: null, maxBytes: 10 })(new Uint8Array(100_000), null);
    expect(!decoded.ok && [decoded.bad.code, decoded.bad.original?.length]).toEqual(['DADIN_RECORD_TOO_LARGE', 65_536]);
  });

  it('are refused with too long strings, too many values, empty ids, empty or reserved features', () => {
    const cases: [Partial<ClickEvent>, BadRecordCode][] = [
      [{ userId: 'x'.repeat(16_385) }, encode === encodeJsonEvent ? 'DADIN_RECORD_FIELD' : 'DADIN_RECORD_MALFORMED'],
      [
        { userFeatures: [{ name: 'f', values: new Array<string>(10_001).fill('1') }] },
        encode === encodeJsonEvent ? 'DADIN_RECORD_FIELD' : 'DADIN_RECORD_MALFORMED',
      ],
      [{ itemId: '' }, 'DADIN_RECORD_FIELD'],
      [{ itemFeatures: [{ name: '', values: ['1'] }] }, 'DADIN_RECORD_FIELD'],
      [{ itemFeatures: [{ name: 'f', values: [] }] }, 'DADIN_RECORD_FIELD'],
      [{ itemFeatures: [{ name: '__proto__', values: ['1'] }] }, 'DADIN_RECORD_FIELD'],
      [{ itemFeatures: [{ name: 'constructor', values: ['1'] }] }, 'DADIN_RECORD_FIELD'],
      [{ eventTimeMs: -(2 ** 52) }, 'DADIN_RECORD_TIME'],
    ];
    for (const [changes, expected] of cases) expect(code(decode, encode({ ...EVENT, ...changes }))).toBe(expected);
  });

  it('take the domain from the configuration, else from the header, else from the event', () => {
    const bytes = encode(EVENT);
    const domain = (decoder: EventDecoder, header: string | null): string => {
      const decoded = decoder(bytes, header);
      return decoded.ok ? decoded.value.domain : decoded.bad.code;
    };
    expect(domain(decode, null)).toBe('target');
    expect(domain(decode, 'source')).toBe('source');
    expect(domain(createDecoder({ ...OPTIONS, domain: 'source' }), 'target')).toBe('source');
    expect(domain(decode, 'video')).toBe('DADIN_RECORD_DOMAIN');
    const none = encode({ ...EVENT, domain: null as unknown as 'target' });
    expect(code(decode, none)).toBe('DADIN_RECORD_DOMAIN');
    expect(code(decode, none, 'target')).toBe(null);
  });
});

describe('hostile Avro', () => {
  const decode = createAvroEventDecoder(OPTIONS);
  /** eventId, kind, impressionId, time, user, item, domain null, clicked null; the feature lists follow. */
  const head = Buffer.from([2, 101, 0, 2, 105, 2, 2, 117, 2, 120, 0, 0]);

  it('cannot make a list that its bytes do not hold', () => {
    const hugeCount = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x10]);
    const before = process.memoryUsage().heapUsed;
    const decoded = decode(Buffer.concat([head, hugeCount]), 'target');
    expect(!decoded.ok && decoded.bad.reason).toMatch(/a list of more than/);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
  });

  it('is refused for a negative length, a long beyond 2^53, and invalid UTF-8', () => {
    const good = encodeAvroEvent(EVENT);
    const negative = Buffer.from(good);
    negative[0] = 1;
    expect(code(decode, negative)).toBe('DADIN_RECORD_MALFORMED');
    const utf8 = Buffer.from(good);
    utf8[1] = 0xff;
    expect(code(decode, utf8)).toBe('DADIN_RECORD_MALFORMED');
    const long = Buffer.concat([
      good.subarray(0, 5),
      Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
      good.subarray(6),
    ]);
    expect(code(decode, long)).toBe('DADIN_RECORD_MALFORMED');
  });
});

describe('hostile JSON', () => {
  const decode = createJsonEventDecoder(OPTIONS);
  const object = JSON.parse(encodeJsonEvent(EVENT).toString()) as Record<string, unknown>;
  const json = (changes: Record<string, unknown>): Buffer => Buffer.from(JSON.stringify({ ...object, ...changes }));

  it('is refused for reserved keys, wrong types, unknown domains, lone surrogates and invalid UTF-8', () => {
    expect(code(decode, Buffer.from(`{"__proto__":{},${encodeJsonEvent(EVENT).toString().slice(1)}`))).toBe(
      'DADIN_RECORD_MALFORMED',
    );
    expect(code(decode, json({ constructor: 1 }))).toBe('DADIN_RECORD_MALFORMED');
    expect(code(decode, json({ userId: 7 }))).toBe('DADIN_RECORD_FIELD');
    expect(code(decode, json({ clicked: 1 }))).toBe('DADIN_RECORD_FIELD');
    expect(code(decode, json({ eventTimeMs: 2 ** 53 }))).toBe('DADIN_RECORD_TIME');
    expect(code(decode, json({ domain: 'video' }))).toBe('DADIN_RECORD_DOMAIN');
    expect(code(decode, json({ userId: '\ud800' }))).toBe('DADIN_RECORD_FIELD');
    const broken = encodeJsonEvent(EVENT);
    broken[broken.indexOf('"u"') + 1] = 0xff;
    expect(code(decode, broken)).toBe('DADIN_RECORD_MALFORMED');
    expect(code(decode, Buffer.from('['.repeat(90_000)))).toBe('DADIN_RECORD_MALFORMED');
  });

  it('may leave out what has a default', () => {
    const decoded = decode(Buffer.from('{"eventId":"e","eventTimeMs":1,"userId":"u","itemId":"x"}'), 'source');
    expect(decoded).toEqual({
      ok: true,
      value: { ...EVENT, impressionId: 'e', domain: 'source', userFeatures: [] },
    });
  });
});
