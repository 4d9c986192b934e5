import avro from 'avsc';

/** Equal to schemas/click-event.avsc, which is the documented one (a test holds both together). */
const SCHEMA = {
  type: 'record',
  name: 'ClickEvent',
  namespace: 'dadin.v1',
  fields: [
    { name: 'eventId', type: 'string' },
    { name: 'kind', type: { type: 'enum', name: 'EventKind', symbols: ['impression', 'click'] } },
    { name: 'impressionId', type: 'string' },
    { name: 'eventTimeMs', type: 'long' },
    { name: 'userId', type: 'string' },
    { name: 'itemId', type: 'string' },
    { name: 'domain', type: ['null', { type: 'enum', name: 'Domain', symbols: ['target', 'source'] }], default: null },
    { name: 'clicked', type: ['null', 'boolean'], default: null },
    {
      name: 'userFeatures',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'Feature',
          fields: [
            { name: 'name', type: 'string' },
            { name: 'values', type: { type: 'array', items: 'string' } },
          ],
        },
      },
      default: [],
    },
    { name: 'itemFeatures', type: { type: 'array', items: 'Feature' }, default: [] },
    { name: 'row', type: ['null', 'long'], default: null },
  ],
} satisfies avro.Schema;

/** The schema as a registry takes it. */
export const CLICK_EVENT_SCHEMA = JSON.stringify(SCHEMA);

export const CLICK_EVENT_TYPE: avro.Type = avro.Type.forSchema(SCHEMA);

/** A click event as it stands on the wire. */
export interface WireEvent {
  readonly eventId: string;
  readonly kind: 'impression' | 'click';
  readonly impressionId: string;
  readonly eventTimeMs: number;
  readonly userId: string;
  readonly itemId: string;
  /** `target` or `source` in Avro; any text in JSON until it is checked. */
  readonly domain: string | null;
  readonly clicked: boolean | null;
  readonly userFeatures: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly itemFeatures: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly row: number | null;
}
