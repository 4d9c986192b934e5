import { configIdentity, engineOptions, foldOptions } from '../../../pipelines/assembly.js';
import { Fold } from '../../../pipelines/fold.js';
import type { Publisher, PublishOutcome } from '../../../pipelines/publish.js';
import { createPublisher } from '../../../pipelines/publishing.js';
import type { Described } from '../../../src/client/index.js';
import { type Config, parseConfig } from '../../../src/config/index.js';
import { type ClickEvent, type Feature, type Sample, SeededRandom } from '../../../src/core/index.js';
import { FeatureHasher } from '../../../src/features/index.js';
import { createFusedOps, type FusedMatrix } from '../../../src/kernel/fused-ops.js';
import { TrainingEngine } from '../../../src/training/engine.js';
import type { VersionSink } from '../../../src/versions/index.js';

/** A small model with statistics and a linear part; everything passes the gate. */
const KEYS = [
  'model.width=8',
  'model.hidden=[16,8]',
  'batching.size=16',
  'features.shared=[topic]',
  'publish.name=m',
  'publish.everySteps=10',
  'publish.gate={minRows: 0, minAuc: null, maxNe: null, maxMiscalibration: null, maxAucDrop: null, maxRateShift: null}',
];

/** A learner in this thread, event by event, that publishes to a sink. */
export class PublishingRun {
  readonly outcomes: PublishOutcome[] = [];
  readonly fold: Fold;
  readonly engine: TrainingEngine<FusedMatrix>;
  readonly publisher: Publisher;
  /** Candidates by the serial of their item. */
  readonly described = new Map<number, Described>();
  readonly #events: readonly ClickEvent[];
  #impressions: ClickEvent[] = [];
  #next = 0;

  private constructor(
    config: Config,
    sink: VersionSink,
    fold: Fold,
    engine: TrainingEngine<FusedMatrix>,
    events: number,
  ) {
    this.fold = fold;
    this.engine = engine;
    this.#events = randomEvents(events);
    fold.positions.bind([{ name: 'log', start: 0n }]);
    const learner = {
      serving: async (whole: string | null) => engine.serving(whole),
      published: async () => engine.published(),
      describe: () => engine.describe(),
    };
    const told = (outcome: PublishOutcome) => this.outcomes.push(outcome);
    this.publisher = createPublisher(
      config,
      sink,
      { fold, learner, identity: configIdentity(config), refused: null },
      told,
    );
  }

  static async start(sink: VersionSink, keys: readonly string[] = [], events = 3000): Promise<PublishingRun> {
    const config = parseConfig('', 'test', { env: {}, overrides: [...KEYS, ...keys] });
    const ops = await createFusedOps();
    const engine = new TrainingEngine(ops, { backend: 'fused', settings: {}, adam: ops.adam }, engineOptions(config));
    const fold = new Fold(foldOptions(config), await FeatureHasher.create());
    return new PublishingRun(config, sink, fold, engine, events);
  }

  /** Folds events until a version was due and made; false at the end of the log. `each` sees what is scored meanwhile. */
  async toNextVersion(each: (sample: Sample, event: ClickEvent) => void = () => {}): Promise<boolean> {
    while (this.#next < this.#events.length) {
      const event = this.#events[this.#next]!;
      this.#impressions.push(event);
      let due = false;
      for (const turn of this.fold.accept({ event, partition: 0, position: BigInt(this.#next) })) {
        due = this.publisher.isDue(turn) || due;
        const { score, train } = this.fold.batches(turn);
        for (const sample of turn.score) {
          const { itemId: id, itemFeatures } = this.#impressions[sample.sequence]!;
          this.described.set(sample.item.serial, { id, features: featuresOf(itemFeatures) });
        }
        const logits = score === null ? new Float32Array(0) : this.engine.score(score);
        const report = train === null ? null : this.engine.train(train, turn.eventTimeMs);
        this.fold.settle(turn, logits, report);
        for (const sample of turn.score) each(sample, this.#impressions[sample.sequence]!);
      }
      this.#next++;
      if (due) {
        await this.publisher.publish();
        return true;
      }
    }
    return false;
  }

  /** All versions of the log. */
  async toEnd(): Promise<void> {
    while (await this.toNextVersion());
  }
}

export function featuresOf(features: readonly Feature[]): Record<string, readonly string[]> {
  return Object.fromEntries(features.map(({ name, values }) => [name, values]));
}

/** Labelled impressions of both domains, some at the same time; users come back, items and topics too. */
function randomEvents(count: number): ClickEvent[] {
  const random = new SeededRandom(11, 'events');
  let eventTimeMs = 1_700_000_000_000;
  return Array.from({ length: count }, (_, row): ClickEvent => {
    eventTimeMs += random.below(3) * 500;
    const item = random.below(60);
    return {
      eventId: `e${row}`,
      kind: 'impression',
      impressionId: `e${row}`,
      eventTimeMs,
      domain: random.below(3) === 0 ? 'target' : 'source',
      userId: `u${random.below(40)}`,
      itemId: `i${item}`,
      clicked: random.below(10) < 2 + (item % 4),
      userFeatures: [{ name: 'age', values: [String(random.below(5))] }],
      itemFeatures: [
        { name: 'tags', values: [`x${item % 3}`, `y${item % 5}`] },
        { name: 'topic', values: [`t${item % 7}`] },
      ],
      row,
    };
  });
}
