import { type ClickEvent, DOMAIN_CODE, type Domain, type Feature } from '../../core/index.js';
import type { ClickModel } from './click-model.js';
import type { Message } from './messages.js';

/** Turns rows into events; features are shared between events of one user profile or one topic. */
export class EventMaker {
  readonly #model: ClickModel;
  readonly #domain: Domain;
  readonly #itemPrefix: string;
  readonly #userFeatures: readonly (readonly Feature[])[];
  readonly #itemFeatures: readonly (readonly Feature[])[];

  constructor(model: ClickModel, domain: Domain) {
    const { ages, cities, topics } = model.knobs;
    this.#model = model;
    this.#domain = domain;
    this.#itemPrefix = domain === 'target' ? 'ad' : 'news';
    this.#userFeatures = Array.from({ length: ages * cities }, (_, i) => [
      { name: 'age', values: [`${Math.floor(i / cities)}`] },
      { name: 'city', values: [`${i % cities}`] },
    ]);
    this.#itemFeatures = Array.from({ length: topics }, (_, i) => [{ name: 'topic', values: [`${i}`] }]);
  }

  make(message: Message): ClickEvent {
    const { ageOf, cityOf, catalogues, knobs } = this.#model.world;
    const { row, user, item, kind } = message;
    const topic = catalogues[DOMAIN_CODE[this.#domain]].topicOf[item]!;
    const impressionId = impressionIdOf(row);
    return {
      eventId: kind === 'click' ? `${impressionId}c` : impressionId,
      kind,
      impressionId,
      eventTimeMs: message.eventTimeMs,
      domain: this.#domain,
      userId: `u${user}`,
      itemId: `${this.#itemPrefix}${item}`,
      clicked: message.clicked,
      userFeatures: this.#userFeatures[ageOf[user]! * knobs.cities + cityOf[user]!]!,
      itemFeatures: this.#itemFeatures[topic]!,
      // the ids tell events apart and sort as the rows do: files of this stream, read by id, make the same fold
      row: -1,
    };
  }
}

const PREFIX = 's:';

/** Padded, so that ids sort as rows do. */
function impressionIdOf(row: number): string {
  return PREFIX + String(row).padStart(9, '0');
}

/** Row of the stream, and of its truth, that an impression stands for. */
export function rowOfImpression(impressionId: string): number {
  return Number(impressionId.slice(PREFIX.length));
}
