import {
  type BadRecordCode,
  type ClickEvent,
  DadinError,
  type Decoded,
  type Domain,
  type Feature,
} from '../../core/index.js';
import { compileTimeParser, type TimeParser } from './event-time.js';
import { fieldText, integerDivision } from './field-value.js';
import type { DomainRule, FeatureColumn, FileInputOptions, KindRule, LabelRule } from './file-input-options.js';
import type { RawRecord, RowMapper } from './row-mapper.js';

interface FeatureSlot {
  readonly name: string;
  readonly slot: number;
  readonly list: boolean;
  readonly divideBy: number | null;
  /** Features of recent texts of the column: most columns repeat a few, and an object met again costs nothing. */
  readonly recent: Map<string, Feature>;
}

/** Texts remembered a column; then it starts anew. */
const RECENT_TEXTS = 4096;

/**
 * Turns the mapped columns of a row into a click event. A row that cannot be one is a bad record with its reason.
 */
export class EventMapper implements RowMapper<Decoded<ClickEvent>> {
  readonly columns: readonly string[];
  readonly required: readonly string[];
  readonly #entry: number;
  readonly #listSeparator: string | null;
  readonly #eventId: number;
  readonly #impressionId: number;
  readonly #userId: number;
  readonly #itemId: number;
  readonly #time: number;
  readonly #parseTime: TimeParser;
  readonly #label: number;
  readonly #clicked: (value: unknown) => boolean | null | string;
  readonly #kind: number;
  readonly #kindOf: ReadonlyMap<string, ClickEvent['kind']>;
  readonly #domain: number;
  readonly #domainOf: ReadonlyMap<string, Domain>;
  readonly #fixedDomain: Domain | null;
  readonly #userFeatures: readonly FeatureSlot[];
  readonly #itemFeatures: readonly FeatureSlot[];

  /**
   * @param entry index of the log, the prefix of row-number event ids
   * @throws DadinError DADIN_SOURCE_NO_TIME, DADIN_CONFIG_INVALID
   */
  constructor(input: FileInputOptions, entry: number) {
    const { columns, domain } = input;
    const slots = new Map<string, number>();
    const slotOf = (column: string): number => {
      const slot = slots.get(column) ?? slots.size;
      slots.set(column, slot);
      return slot;
    };
    const optionalSlot = (column: string | null | undefined): number => (column == null ? -1 : slotOf(column));

    const eventTime = requireEventTime(input);
    this.#time = slotOf(eventTime.column);
    this.#parseTime = compileTimeParser(eventTime);
    this.#userId = slotOf(columns.userId);
    this.#itemId = slotOf(columns.itemId);
    this.#eventId = optionalSlot(columns.eventId);
    this.#impressionId = optionalSlot(columns.impressionId);
    this.#kind = optionalSlot(columns.kind?.column);
    this.#kindOf = columns.kind === null ? new Map() : kindValues(columns.kind);
    this.#domain = typeof domain === 'string' ? -1 : slotOf(domain.column);
    this.#domainOf = typeof domain === 'string' ? new Map() : domainValues(domain);
    this.#fixedDomain = typeof domain === 'string' ? domain : null;
    this.#label = 'column' in columns.label ? slotOf(columns.label.column) : -1;
    this.#clicked = compileLabel(columns.label);
    this.required = [...slots.keys()];
    const features = (mapping: Readonly<Record<string, FeatureColumn>>): FeatureSlot[] =>
      Object.entries(mapping).map(([name, { column, list, divideBy }]) => ({
        name,
        slot: slotOf(column),
        list,
        divideBy,
        recent: new Map(),
      }));
    this.#userFeatures = features(columns.userFeatures);
    this.#itemFeatures = features(columns.itemFeatures);
    this.columns = [...slots.keys()];
    this.#entry = entry;
    this.#listSeparator = input.listSeparator;
  }

  map(values: readonly unknown[], row: number, raw: RawRecord): Decoded<ClickEvent> {
    const eventTimeMs = this.#parseTime(values[this.#time]);
    if (Number.isNaN(eventTimeMs)) return this.#refuse('DADIN_RECORD_TIME', this.#time, 'is not a time', values, raw);
    const userId = fieldText(values[this.#userId]);
    if (!userId) return this.#refuse('DADIN_RECORD_FIELD', this.#userId, 'is not a user id', values, raw);
    const itemId = fieldText(values[this.#itemId]);
    if (!itemId) return this.#refuse('DADIN_RECORD_FIELD', this.#itemId, 'is not an item id', values, raw);

    let eventId: string | null | undefined;
    if (this.#eventId < 0) eventId = `${this.#entry}:${row}`;
    else {
      eventId = fieldText(values[this.#eventId]);
      if (!eventId) return this.#refuse('DADIN_RECORD_FIELD', this.#eventId, 'is not an event id', values, raw);
    }
    let impressionId: string | null | undefined = eventId;
    if (this.#impressionId >= 0) {
      impressionId = fieldText(values[this.#impressionId]);
      if (!impressionId)
        return this.#refuse('DADIN_RECORD_FIELD', this.#impressionId, 'is not an impression id', values, raw);
    }

    let domain = this.#fixedDomain;
    if (domain === null) {
      domain = this.#domainOf.get(fieldText(values[this.#domain]) ?? '') ?? null;
      if (domain === null) return this.#refuse('DADIN_RECORD_DOMAIN', this.#domain, 'names no domain', values, raw);
    }
    let kind: ClickEvent['kind'] | undefined = 'impression';
    if (this.#kind >= 0) {
      kind = this.#kindOf.get(fieldText(values[this.#kind]) ?? '');
      if (kind === undefined)
        return this.#refuse('DADIN_RECORD_FIELD', this.#kind, 'names no kind of event', values, raw);
    }
    let clicked: boolean | null = true;
    if (kind === 'impression') {
      const label = this.#clicked(this.#label < 0 ? undefined : values[this.#label]);
      if (typeof label === 'string') return this.#refuse('DADIN_RECORD_LABEL', this.#label, label, values, raw);
      clicked = label;
    }

    const userFeatures = this.#features(this.#userFeatures, values);
    if (typeof userFeatures === 'number') return this.#refuseFeature(userFeatures, values, raw);
    const itemFeatures = this.#features(this.#itemFeatures, values);
    if (typeof itemFeatures === 'number') return this.#refuseFeature(itemFeatures, values, raw);

    return {
      ok: true,
      value: {
        eventId,
        kind,
        impressionId,
        eventTimeMs,
        domain,
        userId,
        itemId,
        clicked,
        userFeatures,
        itemFeatures,
        row: this.#eventId < 0 ? row : -1,
      },
    };
  }

  bad(code: BadRecordCode, reason: string, original: Uint8Array | null): Decoded<ClickEvent> {
    return { ok: false, bad: { code, reason, original } };
  }

  /** The features of one side, without those the record has no value for; or the slot that holds what is none. */
  #features(slots: readonly FeatureSlot[], values: readonly unknown[]): Feature[] | number {
    const features: Feature[] = [];
    for (const { name, slot, list, divideBy, recent } of slots) {
      const value = values[slot];
      if (value === undefined || value === null || value === '') continue;
      const known = typeof value === 'string' ? recent.get(value) : undefined;
      if (known !== undefined) {
        features.push(known);
        continue;
      }
      const parts = list ? this.#split(value) : [value];
      const texts: string[] = [];
      for (const part of parts) {
        const text = divideBy === null ? fieldText(part) : integerDivision(part, divideBy);
        if (text === undefined) return slot;
        if (text !== null) texts.push(text);
      }
      if (texts.length === 0) continue;
      const feature = { name, values: texts };
      features.push(feature);
      if (typeof value !== 'string') continue;
      if (recent.size >= RECENT_TEXTS) recent.clear();
      recent.set(value, feature);
    }
    return features;
  }

  #split(value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value;
    return typeof value === 'string' && this.#listSeparator !== null ? value.split(this.#listSeparator) : [value];
  }

  #refuseFeature(slot: number, values: readonly unknown[], raw: RawRecord): Decoded<ClickEvent> {
    return this.#refuse('DADIN_RECORD_FIELD', slot, 'is not a feature value as configured', values, raw);
  }

  #refuse(
    code: BadRecordCode,
    slot: number,
    what: string,
    values: readonly unknown[],
    raw: RawRecord,
  ): Decoded<ClickEvent> {
    return this.bad(code, `column ${this.columns[slot]}: ${excerpt(values[slot])} ${what}`, raw.original());
  }
}

/** @throws DadinError DADIN_SOURCE_NO_TIME */
export function requireEventTime(input: FileInputOptions): NonNullable<FileInputOptions['columns']['eventTime']> {
  if (input.columns.eventTime !== null) return input.columns.eventTime;
  throw new DadinError('DADIN_SOURCE_NO_TIME', `${input.paths.join(', ')} has no event-time column configured`, {
    step: 'read',
    expected: 'columns.eventTime: {column, format, timeZone}',
    remedy: 'a stream is learned in the order of its events: name the column that holds their time',
  });
}

function kindValues({ impression, click }: KindRule): Map<string, ClickEvent['kind']> {
  const kinds = new Map<string, ClickEvent['kind']>();
  for (const value of impression) kinds.set(value, 'impression');
  for (const value of click) kinds.set(value, 'click');
  return kinds;
}

function domainValues({ target, source }: DomainRule): Map<string, Domain> {
  const domains = new Map<string, Domain>();
  for (const value of target) domains.set(value, 'target');
  for (const value of source) domains.set(value, 'source');
  return domains;
}

/** The label of a value: true, false, null when told later, or the reason why it is none. */
function compileLabel(rule: LabelRule): (value: unknown) => boolean | null | string {
  if ('always' in rule) return () => true;
  if ('later' in rule) return () => null;
  if ('atLeast' in rule) {
    return (value) => {
      const number =
        typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(fieldText(value) ?? Number.NaN);
      return Number.isFinite(number) ? number >= rule.atLeast : 'is not a number';
    };
  }
  const labels = new Map<string, boolean>();
  for (const value of rule.negatives ?? []) labels.set(value, false);
  for (const value of rule.equals) labels.set(value, true);
  const otherwise = rule.negatives === null ? false : 'is neither a clicked nor a not-clicked value';
  return (value) => {
    const text = fieldText(value);
    return text ? (labels.get(text) ?? otherwise) : 'is no label';
  };
}

function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? value : (fieldText(value) ?? typeof value);
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
