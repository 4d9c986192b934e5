import type {
  Adaptation,
  LearnerDescription,
  LearnerGauges,
  LearnerState,
  NamedTensor,
  Ops,
  SampleBatch,
  Serving,
  ServingPart,
  StateValue,
  StepReport,
} from '../core/index.js';
import { AdversaryRace } from './adversary-race.js';
import { type EngineBackend, TrainingEngine } from './engine.js';
import type { EngineOptions } from './engine-options.js';

/** Tensors of the model that does not score lie beside the optimizer's, under this name. */
const BESIDE = 'race.';

/**
 * Two engines that learn the same batches, one with the adversary and one without; scores come from the one that
 * predicts the target domain better. The price is a second step, the gain is never to be worse for the adversary.
 */
export class RacingEngine<T> implements Serving {
  readonly #with: TrainingEngine<T>;
  readonly #without: TrainingEngine<T>;
  readonly #race = new AdversaryRace();
  /** Whether the model published last has the adversary; null before the first. */
  #publishedWith: boolean | null = null;

  constructor(ops: Ops<T>, backend: EngineBackend, options: EngineOptions) {
    this.#with = new TrainingEngine(ops, backend, options);
    const off = { ...options.model.adversary, mode: 'off' as const };
    this.#without = new TrainingEngine(ops, backend, { ...options, model: { ...options.model, adversary: off } });
  }

  score(batch: SampleBatch): Float32Array {
    return this.#champion.score(batch);
  }

  adapt(adaptation: Adaptation): void {
    this.#with.adapt(adaptation);
    this.#without.adapt(adaptation);
  }

  train(batch: SampleBatch, eventTimeMs: number): StepReport {
    const reports = [this.#with.train(batch, eventTimeMs), this.#without.train(batch, eventTimeMs)] as const;
    const [withAdversary, without] = reports;
    const report = this.#race.withAdversary ? withAdversary : { ...withAdversary, lossLabel: without.lossLabel };
    this.#race.observe(batch, this.#with.prediction, this.#without.prediction);
    return {
      ...report,
      discarded: withAdversary.discarded || without.discarded,
      restored: withAdversary.restored || without.restored,
      race: this.#race.report(),
    };
  }

  describe(): LearnerDescription {
    return this.#with.describe();
  }

  /** Of both models together. */
  inspect(): Omit<LearnerGauges, 'tensors'> {
    const [a, b] = [this.#with.inspect(), this.#without.inspect()];
    return {
      rows: Object.fromEntries(Object.entries(a.rows).map(([name, n]) => [name, n + (b.rows[name] ?? 0)])),
      tableBytes: a.tableBytes + b.tableBytes,
      evictedRows: a.evictedRows + b.evictedRows,
    };
  }

  /** `model` holds what scores; the other model lies beside the optimizer's tensors. */
  snapshot(): LearnerState {
    const champion = this.#champion.snapshot();
    const other = this.#other.snapshot();
    return {
      model: champion.model,
      optimizer: [
        ...champion.optimizer,
        ...[...other.model, ...other.optimizer].map((t) => renamed(t, BESIDE + t.name)),
      ],
      rest: {
        champion: champion.rest,
        other: other.rest,
        otherModel: other.model.map((t) => t.name),
        race: this.#race.snapshot(),
      },
      publishing: {
        champion: champion.publishing ?? null,
        other: other.publishing ?? null,
        publishedWith: this.#publishedWith,
      },
    };
  }

  restore(state: LearnerState): void {
    const rest = state.rest as unknown as RaceRest;
    const publishing = state.publishing as unknown as RacePublishing | undefined;
    this.#publishedWith = publishing?.publishedWith ?? null;
    this.#race.restore(rest.race);
    const inModel = new Set(rest.otherModel);
    const beside = state.optimizer
      .filter((t) => t.name.startsWith(BESIDE))
      .map((t) => renamed(t, t.name.slice(BESIDE.length)));
    this.#champion.restore({
      model: state.model,
      optimizer: state.optimizer.filter((t) => !t.name.startsWith(BESIDE)),
      rest: rest.champion,
      ...publishingOf(publishing?.champion),
    });
    this.#other.restore({
      model: beside.filter((t) => inModel.has(t.name)),
      optimizer: beside.filter((t) => !inModel.has(t.name)),
      rest: rest.other,
      ...publishingOf(publishing?.other),
    });
  }

  serving(whole: string | null): ServingPart {
    const swapped = this.#publishedWith !== null && this.#publishedWith !== this.#race.withAdversary;
    return this.#champion.serving(whole ?? (swapped ? 'the race has another winner' : null));
  }

  /** Both count from here: the one that did not score is whole in the version that it comes to score in. */
  published(): void {
    this.#with.published();
    this.#without.published();
    this.#publishedWith = this.#race.withAdversary;
  }

  get #champion(): TrainingEngine<T> {
    return this.#race.withAdversary ? this.#with : this.#without;
  }

  get #other(): TrainingEngine<T> {
    return this.#race.withAdversary ? this.#without : this.#with;
  }
}

interface RaceRest {
  readonly champion: StateValue;
  readonly other: StateValue;
  readonly otherModel: readonly string[];
  readonly race: StateValue;
}

interface RacePublishing {
  readonly champion: StateValue;
  readonly other: StateValue;
  readonly publishedWith: boolean | null;
}

function publishingOf(state: StateValue | undefined): Pick<LearnerState, 'publishing'> {
  return state === undefined || state === null ? {} : { publishing: state };
}

function renamed(tensor: NamedTensor, name: string): NamedTensor {
  return { ...tensor, name };
}
