import {
  bug,
  type ClickEvent,
  type Decoded,
  DOMAIN_CODE,
  type Domain,
  type EventChunk,
  type EventSource,
  type SourcePartition,
} from '../../core/index.js';
import { type ClickModel, createClickModel } from './click-model.js';
import { EventMaker } from './event-maker.js';
import {
  ArrivingMessages,
  LabelledImpressions,
  type Message,
  type MessageKnobs,
  type MessageStream,
} from './messages.js';
import { knobsOf, type SyntheticOptions } from './options.js';
import { countTargetRows } from './rows.js';
import { recordTruth, type SyntheticTruth } from './truth.js';

/** The partitions of the source, in this order. */
const PARTITION_DOMAINS: readonly Domain[] = ['target', 'source'];

export interface SyntheticSource extends EventSource {
  readonly model: ClickModel;
  /** Runs the stream once more, apart from reading, and keeps what really happened; the first call pays for it. */
  truth(): SyntheticTruth;
}

/**
 * The generated two-domain click stream as an event source with the partitions `target` and `source`. Each partition
 * generates the stream on its own and keeps its domain, so that any order of reading needs no buffer; a position is
 * reached by generating again. Throws DADIN_CONFIG_INVALID on impossible knobs.
 */
export function createSyntheticSource(options: SyntheticOptions): SyntheticSource {
  const model = createClickModel(knobsOf(options), options.seed);
  const targetRows = countTargetRows(model.world, model.seed, model.knobs.events);
  const expected = { target: targetRows, source: model.knobs.events - targetRows };
  const partitions: SourcePartition[] = PARTITION_DOMAINS.map((name) => ({
    name,
    expectedRecords: options.messages === null ? expected[name] : null,
  }));
  const logs: Log[] = [];
  let truth: SyntheticTruth | undefined;

  return {
    name: 'synthetic',
    model,
    partitions,
    async open(from) {
      for (const [i, domain] of PARTITION_DOMAINS.entries()) {
        logs.push(new Log(model, domain, i, options.messages, from[i] ?? bug(`no position for partition ${i}`)));
      }
    },
    async read(partition, maxRecords) {
      const log = logs[partition] ?? bug(`partition ${partition} is not open`);
      return log.read(maxRecords);
    },
    async close() {
      logs.length = 0;
    },
    truth() {
      truth ??= recordTruth(model);
      return truth;
    },
  };
}

/** One partition being read. */
class Log {
  readonly #partition: number;
  readonly #messages: MessageStream;
  readonly #events: EventMaker;
  #position: bigint;
  #ahead: Message | null;

  constructor(model: ClickModel, domain: Domain, partition: number, messages: MessageKnobs | null, from: bigint) {
    const code = DOMAIN_CODE[domain];
    this.#partition = partition;
    this.#messages =
      messages === null ? new LabelledImpressions(model, code) : new ArrivingMessages(model, code, messages);
    this.#events = new EventMaker(model, domain);
    this.#position = from;
    this.#ahead = this.#messages.next();
    for (let skipped = 0n; skipped < from && this.#ahead !== null; skipped++) this.#ahead = this.#messages.next();
  }

  read(maxRecords: number): EventChunk {
    const records: Decoded<ClickEvent>[] = [];
    for (let m = this.#ahead; m !== null && records.length < maxRecords; m = this.#ahead) {
      records.push({ ok: true, value: this.#events.make(m) });
      this.#ahead = this.#messages.next();
    }
    const first = this.#position;
    this.#position += BigInt(records.length);
    return { partition: this.#partition, first, records, last: this.#ahead === null };
  }
}
