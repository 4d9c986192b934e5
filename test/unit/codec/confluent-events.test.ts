import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLICK_EVENT_TYPE } from '../../../src/codec/click-event-schema.js';
import { frame, readSchemaId } from '../../../src/codec/confluent-framing.js';
import {
  createConfluentEventDecoder,
  encodeConfluentEvent,
  type RegisteredSchema,
  type RegistryEventDecoder,
} from '../../../src/codec/index.js';
import type { ClickEvent, Decoded } from '../../../src/core/index.js';

const EVENT: ClickEvent = {
  eventId: 'e1',
  kind: 'impression',
  impressionId: 'i1',
  eventTimeMs: 1_700_000_000_000,
  domain: 'target',
  userId: 'u',
  itemId: 'ad',
  clicked: true,
  userFeatures: [{ name: 'age', values: ['30'] }],
  itemFeatures: [{ name: 'topic', values: ['a', 'b'] }],
  row: -1,
};

type Field = { name: string; type: unknown; default?: unknown };
const CURRENT = CLICK_EVENT_TYPE.schema({ exportAttrs: true }) as unknown as { fields: Field[] };
const changed = (change: (fields: Field[]) => Field[]): string =>
  JSON.stringify({ ...CURRENT, fields: change(structuredClone(CURRENT.fields)) });
const without = (...names: string[]) => changed((fields) => fields.filter(({ name }) => !names.includes(name)));
const withField = changed((fields) => [{ name: 'device', type: 'string' }, ...fields]);

class Registry {
  readonly asked: number[] = [];
  readonly #schemas: Readonly<Record<number, string>>;
  constructor(schemas: Readonly<Record<number, string>>) {
    this.#schemas = schemas;
  }
  async schema(id: number): Promise<RegisteredSchema> {
    this.asked.push(id);
    const schema = this.#schemas[id];
    return schema === undefined ? { ok: false, reason: `the registry has no schema ${id}` } : { ok: true, schema };
  }
}

async function decodeAll(decoder: RegistryEventDecoder, messages: readonly Buffer[]): Promise<Decoded<ClickEvent>[]> {
  await decoder.prepare(messages);
  return messages.map((bytes) => decoder.decode(bytes, null));
}

/** What a writer with another schema sends. */
function written(schema: string, id: number, more: object = {}): Buffer {
  return frame(id, avro.Type.forSchema(JSON.parse(schema)).toBuffer({ ...EVENT, row: null, ...more }));
}

const OPTIONS = { domain: null, maxBytes: 100_000 };

describe('the Confluent wire format', () => {
  it('is a zero byte, the id in four bytes, and the body', () => {
    expect([...frame(0x01020304, Buffer.of(9))]).toEqual([0, 1, 2, 3, 4, 9]);
    expect(readSchemaId(Buffer.of(0, 1, 2, 3, 4))).toBe(0x01020304);
    expect(readSchemaId(Buffer.of(0, 1, 2, 3))).toBeNull();
    expect(readSchemaId(Buffer.of(1, 0, 0, 0, 4, 9))).toBeNull();
  });

  it('reads old and new writers mixed in one topic, asking once for each schema', async () => {
    const registry = new Registry({ 1: JSON.stringify(CURRENT), 2: without('row', 'clicked'), 3: withField });
    const decoder = createConfluentEventDecoder(OPTIONS, registry);
    const old = without('row', 'clicked');
    const messages = [1, 2, 3, 2, 1].map((id) =>
      id === 1
        ? encodeConfluentEvent(EVENT, 1)
        : id === 2
          ? written(old, 2)
          : written(withField, 3, { device: 'phone' }),
    );
    const events = await decodeAll(decoder, messages);
    await decodeAll(decoder, messages);
    expect(events.map((decoded) => decoded.ok && decoded.value)).toEqual([
      { ...EVENT, schemaId: 1 },
      { ...EVENT, clicked: null, schemaId: 2 },
      { ...EVENT, schemaId: 3 },
      { ...EVENT, clicked: null, schemaId: 2 },
      { ...EVENT, schemaId: 1 },
    ]);
    expect(registry.asked).toEqual([1, 2, 3]);
  });

  it.each([
    ['is not registered', undefined, 'no schema 7'],
    ['lacks a field that has no default', without('userId'), 'click event'],
    [
      'has a field of another type',
      changed((f) => f.map((x) => (x.name === 'userId' ? { ...x, type: 'long' } : x))),
      'click event',
    ],
    ['is no schema', '{"type": "recrod"}', 'click event'],
    ['is no JSON', 'nonsense', 'click event'],
  ])('makes a bad record, with the schema id, of an event whose schema %s', async (_, schema, reason) => {
    const registry = new Registry(schema === undefined ? {} : { 7: schema });
    const [decoded] = await decodeAll(createConfluentEventDecoder(OPTIONS, registry), [encodeConfluentEvent(EVENT, 7)]);
    expect(decoded).toMatchObject({
      ok: false,
      bad: { code: 'DADIN_RECORD_SCHEMA', schemaId: 7, reason: expect.stringContaining(reason) },
    });
  });

  it('refuses unframed, overlong and damaged messages, each with its reason', async () => {
    const decoder = createConfluentEventDecoder(
      { domain: null, maxBytes: 300 },
      new Registry({ 1: JSON.stringify(CURRENT) }),
    );
    const whole = encodeConfluentEvent(EVENT, 1);
    const results = await decodeAll(decoder, [
      whole.subarray(FRAME),
      Buffer.concat([whole, Buffer.alloc(300)]),
      Buffer.concat([whole, Buffer.of(1)]),
      whole.subarray(0, -1),
      encodeConfluentEvent({ ...EVENT, userId: '' }, 1),
    ]);
    expect(results.map((decoded) => !decoded.ok && [decoded.bad.code, decoded.bad.schemaId])).toEqual([
      ['DADIN_RECORD_MALFORMED', undefined],
      ['DADIN_RECORD_TOO_LARGE', undefined],
      ['DADIN_RECORD_MALFORMED', 1],
      ['DADIN_RECORD_MALFORMED', 1],
      ['DADIN_RECORD_FIELD', 1],
    ]);
  });

  it('never throws, whatever follows a known id', async () => {
    const decoder = createConfluentEventDecoder(OPTIONS, new Registry({ 1: withField }));
    await decoder.prepare([encodeConfluentEvent(EVENT, 1)]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        expect(typeof decoder.decode(frame(1, body), 'target').ok).toBe('boolean');
      }),
    );
  });

  it('survives thousands of made-up ids in one batch', async () => {
    const registry = new Registry({ 1: JSON.stringify(CURRENT) });
    const decoder = createConfluentEventDecoder(OPTIONS, registry);
    const batch = Array.from({ length: 15_000 }, (_, id) => encodeConfluentEvent(EVENT, id));
    const decoded = await decodeAll(decoder, batch);
    expect(decoded.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await decodeAll(decoder, [encodeConfluentEvent(EVENT, 1)]))[0]!.ok).toBe(true);
  });
});

const FRAME = 5;
