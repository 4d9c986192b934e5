import { readdirSync, readFileSync } from 'node:fs';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { CLICK_EVENT_TYPE } from '../../../src/codec/click-event-schema.js';

const FOLDER = new URL('../../../schemas/', import.meta.url);
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.avsc'));
const read = (name: string): avro.Schema => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as avro.Schema;

describe('the wire contracts', () => {
  it('are the five of the architecture', () => {
    expect(names).toEqual([
      'checkpoint-manifest.avsc',
      'click-event.avsc',
      'dead-letter.avsc',
      'metrics.avsc',
      'training-sample.avsc',
    ]);
  });

  it.each(names)('%s is a schema of dadin.v1 and documents every record and field', (name) => {
    const schema = read(name);
    expect(avro.Type.forSchema(schema).name).toMatch(/^dadin\.v1\./);
    const visit = (node: unknown): void => {
      if (Array.isArray(node)) node.forEach(visit);
      if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
      const { type, doc, fields, items, values } = node as Record<string, unknown>;
      if (type === 'record' || 'default' in node) expect(doc).toBeTypeOf('string');
      for (const part of [type, fields, items, values]) visit(part);
    };
    visit(schema);
  });

  it('click-event.avsc is what the codec reads and writes', () => {
    const documented = avro.Type.forSchema(read('click-event.avsc'));
    expect(documented.schema()).toEqual(CLICK_EVENT_TYPE.schema());
    expect(documented.fingerprint()).toEqual(CLICK_EVENT_TYPE.fingerprint());
  });
});
