import { SeededRandom } from '../../core/index.js';
import { ArrivalQueue } from './arrival-queue.js';
import type { ClickModel } from './click-model.js';
import { Impressions } from './impressions.js';

/** How the messages of a stream travel (algorithm reference E.1, message layer). Shares are of all messages. */
export interface MessageKnobs {
  /** a click follows its impression after Exp(mean) */
  readonly clickDelayMeanMs: number;
  /** arrival = event time + U(0, jitter) */
  readonly jitterMs: number;
  readonly lateShare: number;
  /** late ones take U(0, lateMs) more */
  readonly lateMs: number;
  /** sent again, arriving U(0, jitter) after the first copy */
  readonly duplicateShare: number;
}

/** One record of a log, as numbers: the events of the source are made from it. */
export interface Message {
  readonly kind: 'impression' | 'click';
  readonly row: number;
  readonly eventTimeMs: number;
  readonly user: number;
  readonly item: number;
  /** null where a click message tells it */
  readonly clicked: boolean | null;
}

/** Records of one domain in the order of its log; null at the end. */
export interface MessageStream {
  next(): Message | null;
}

/** One message an impression, its label with it. */
export class LabelledImpressions implements MessageStream {
  readonly #stream: Impressions;
  readonly #domain: number;

  constructor(model: ClickModel, domain: number) {
    this.#stream = new Impressions(model);
    this.#domain = domain;
  }

  next(): Message | null {
    const stream = this.#stream;
    const rows = stream.rows;
    do {
      if (!stream.next()) return null;
    } while (rows.domain !== this.#domain);
    const { row, eventTimeMs, user, item } = rows;
    return { kind: 'impression', row, eventTimeMs, user, item, clicked: stream.clicked };
  }
}

interface Travelling {
  readonly arrivalMs: number;
  readonly sequence: number;
  readonly message: Message;
}

/** Impressions without labels and, apart, clicks; delayed, disordered and repeated, in the order of arrival. */
export class ArrivingMessages implements MessageStream {
  readonly #impressions: LabelledImpressions;
  readonly #knobs: MessageKnobs;
  /** apart, so that the way messages travel does not change what they say */
  readonly #delays: SeededRandom;
  readonly #transport: SeededRandom;
  readonly #queue = new ArrivalQueue<Travelling>();
  #sequence = 0;
  #ahead: Message | null;

  constructor(model: ClickModel, domain: number, knobs: MessageKnobs) {
    this.#impressions = new LabelledImpressions(model, domain);
    this.#knobs = knobs;
    this.#delays = new SeededRandom(model.seed, `synthetic.delays.${domain}`);
    this.#transport = new SeededRandom(model.seed, `synthetic.transport.${domain}`);
    this.#ahead = this.#impressions.next();
  }

  next(): Message | null {
    // whatever arrives before the next impression happens cannot be overtaken any more
    for (let ahead = this.#ahead; ahead !== null; ahead = this.#ahead) {
      const first = this.#queue.peek();
      if (first !== undefined && first.arrivalMs < ahead.eventTimeMs) break;
      // written out, since spreading objects is ten times slower
      const { row, eventTimeMs, user, item } = ahead;
      this.#send({ kind: 'impression', row, eventTimeMs, user, item, clicked: null });
      if (ahead.clicked === true) {
        const delayMs = Math.floor(-this.#knobs.clickDelayMeanMs * Math.log(1 - this.#delays.next()));
        this.#send({ kind: 'click', row, eventTimeMs: eventTimeMs + delayMs, user, item, clicked: true });
      }
      this.#ahead = this.#impressions.next();
    }
    return this.#queue.pop()?.message ?? null;
  }

  #send(message: Message): void {
    const { jitterMs, lateShare, lateMs, duplicateShare } = this.#knobs;
    const random = this.#transport;
    let arrivalMs = message.eventTimeMs + random.next() * jitterMs;
    if (random.next() < lateShare) arrivalMs += random.next() * lateMs;
    this.#queue.push({ arrivalMs, sequence: this.#sequence++, message });
    if (random.next() < duplicateShare) {
      arrivalMs += random.next() * jitterMs;
      this.#queue.push({ arrivalMs, sequence: this.#sequence++, message });
    }
  }
}
