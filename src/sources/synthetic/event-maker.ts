import { type ClickEvent, DOMAIN_CODE, type Domain, type Feature } from '../../core/index.js';
import type { ClickModel } from './click-model.js';
import type { Message } from './messages.js';

/** Turns rows into events; features are shared between events of one user profile or one topic. */
export class EventMaker {
  readonly #model: ClickModel;
  readonly #domain: Domain;
  readonly #numbered: boolean;
  readonly #itemPrefix: string;
  readonly #userFeatures: readonly (readonly Feature[])[];
  readonly #itemFeatures: readonly (readonly Feature[])[];

  /** `numbered`: the log is told apart by row numbers; else, since messages repeat, by event ids alone. */
  constructor(model: ClickModel, domain: Domain, numbered: boolean) {
    const { ages, cities, topics } = model.knobs;
    this.#model = model;
    this.#domain = domain;
    this.#numbered = numbered;
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
      row: this.#numbered ? row : -1,
    };
  }
}

/** Padded, so that ids sort as rows do and a log read by id keeps the canonical order. */
function impressionIdOf(row: number): string {
  return `s:${String(row).padStart(9, '0')}`;
}
