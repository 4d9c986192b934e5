import { configIdentity, engineOptions, foldOptions } from '../../../pipelines/assembly.js';
import { Fold } from '../../../pipelines/fold.js';
import type { Publisher, PublishOutcome } from '../../../pipelines/publish.js';
import { createPublisher } from '../../../pipelines/publishing.js';
import type { Turn } from '../../../pipelines/turn.js';
import type { Described, ScoreRequest } from '../../../src/client/index.js';
import { type Config, parseConfig } from '../../../src/config/index.js';
import type { ClickEvent, Sample } from '../../../src/core/index.js';
import { FeatureHasher } from '../../../src/features/index.js';
import { createFusedOps, type FusedMatrix, type FusedOps } from '../../../src/kernel/fused-ops.js';
import { ReorderBuffer } from '../../../src/ordering/index.js';
import { TrainingEngine } from '../../../src/training/engine.js';
import type { VersionSink } from '../../../src/versions/index.js';
import { featuresOf } from '../../unit/client/publishing-run.js';

/** A small model behind the default gate; its window holds some hundred rows, as the stream is short. */
const KEYS = [
  'features.shared=[topic]',
  'model.width=8',
  'model.hidden=[16,8]',
  'batching.size=16',
  'evaluation.windowPositives=150',
  'evaluation.minWindowMs=0',
  'publish.name=m',
  'publish.everySteps=15',
  'publish.gate.minRows=300',
];

type Engine = TrainingEngine<FusedMatrix>;

/** What goes wrong inside the learner. */
export interface LearnerFault {
  /** What takes the engine's place, for good. */
  engine?(run: FaultedRun): Engine;
  /** What takes the place of its scores while the fault lasts. */
  logits?(logits: Float32Array): Float32Array;
}

export interface Judged {
  readonly request: ScoreRequest;
  readonly label: number;
}

/** A learner with its gate, from decoded events on, in this thread. */
export class FaultedRun {
  readonly config: Config;
  readonly ops: FusedOps;
  readonly outcomes: PublishOutcome[] = [];
  readonly fold: Fold;
  engine: Engine;
  readonly #publisher: Publisher;
  readonly #order: ReorderBuffer;
  readonly #byId = new Map<string, ClickEvent>();
  readonly #described = new Map<number, Described>();
  #position = 0n;
  #logits: LearnerFault['logits'];

  private constructor(config: Config, ops: FusedOps, hasher: FeatureHasher, sink: VersionSink) {
    this.config = config;
    this.ops = ops;
    this.engine = this.engineLike(config);
    this.fold = new Fold(foldOptions(config), hasher);
    this.fold.positions.bind([{ name: 'log', start: 0n }]);
    this.#order = new ReorderBuffer(config.ordering, this.fold.positions.starts(), null);
    const learner = {
      serving: async (whole: string | null) => this.engine.serving(whole),
      published: async () => this.engine.published(),
      describe: () => this.engine.describe(),
    };
    const parts = { fold: this.fold, learner, identity: configIdentity(config), refused: null };
    this.#publisher = createPublisher(config, sink, parts, (outcome) => this.outcomes.push(outcome));
  }

  static async start(sink: VersionSink, keys: readonly string[] = []): Promise<FaultedRun> {
    const config = parseConfig('', 'drill', { env: {}, overrides: [...KEYS, ...keys] });
    return new FaultedRun(config, await createFusedOps(), await FeatureHasher.create(), sink);
  }

  engineLike(config: Config): Engine {
    const { ops } = this;
    return new TrainingEngine(ops, { backend: 'fused', settings: {}, adam: ops.adam }, engineOptions(config));
  }

  /** Lets a fault loose on the learner; the result ends it. */
  suffer({ engine, logits }: LearnerFault): () => void {
    if (engine !== undefined) this.engine = engine(this);
    this.#logits = logits;
    return () => {
      this.#logits = undefined;
    };
  }

  /** `each` sees every target impression with its label, as a serving team would ask for it. */
  async learn(events: readonly ClickEvent[], each: (judged: Judged) => void): Promise<void> {
    for (const event of events) {
      this.#byId.set(event.eventId, event);
      const first = this.#position++;
      const records = [{ ok: true as const, value: event }];
      const rejected = this.#order.push({ partition: 0, first, records, last: false });
      for (const { partition, position } of rejected) this.fold.reject(partition, position, true);
      const watermarkMs = this.#order.watermarkMs;
      for (let next = this.#order.pop(watermarkMs); next !== null; next = this.#order.pop(watermarkMs)) {
        let due = false;
        for (const turn of this.fold.accept(next)) due = this.#take(turn, each) || due;
        if (due) await this.#publisher.publish();
      }
    }
  }

  #take(turn: Turn, each: (judged: Judged) => void): boolean {
    const due = this.#publisher.isDue(turn);
    const { score, train } = this.fold.batches(turn);
    for (const sample of turn.score) this.#describe(sample);
    const logits = score === null ? new Float32Array(0) : this.engine.score(score);
    const report = train === null ? null : this.engine.train(train, turn.eventTimeMs);
    const judged = this.fold.settle(turn, this.#logits?.(logits) ?? logits, report);
    for (const sample of judged) if (sample.domain === 1) each(this.#asked(sample));
    return due;
  }

  #describe(sample: Sample): void {
    const { itemId: id, itemFeatures } = this.#byId.get(sample.eventId)!;
    this.#described.set(sample.item.serial, { id, features: featuresOf(itemFeatures) });
  }

  #asked(sample: Sample): Judged {
    const event = this.#byId.get(sample.eventId)!;
    const described = (items: Sample['historyTarget']) =>
      items.flatMap(({ serial }) => this.#described.get(serial) ?? []);
    const request: ScoreRequest = {
      domain: event.domain,
      user: { id: event.userId, features: featuresOf(event.userFeatures) },
      candidates: [{ id: event.itemId, features: featuresOf(event.itemFeatures) }],
      histories: { target: described(sample.historyTarget), source: described(sample.historySource) },
    };
    return { request, label: sample.label };
  }
}
