import { overAllRows, targetOnly } from '../src/batching/index.js';
import {
  type Adaptation,
  DadinError,
  type Learner,
  type LearnerDescription,
  type LearnerGauges,
  type LearnerState,
  type NamedTensor,
  type SampleBatch,
  type ServingPart,
  type StateValue,
  type StepReport,
} from '../src/core/index.js';

/** Tensors of the twin lie beside the optimizer's, under this name. */
const TWIN = 'twin.';

/**
 * A learner and its twin, which sees the target's rows of the same batches as if there were no source domain. What is
 * published, reported and described is the learner's own.
 */
export class LedgerLearner implements Learner {
  readonly #main: Learner;
  readonly #twin: Learner;

  constructor(main: Learner, twin: Learner) {
    this.#main = main;
    this.#twin = twin;
  }

  /** [2 B]: logits of the learner, then of the twin, NaN on source rows. */
  async score(batch: SampleBatch): Promise<Float32Array> {
    const { size } = batch;
    const { batch: seen, rows } = targetOnly(batch);
    const [logits, twins] = await Promise.all([
      this.#main.score(withoutView(batch)),
      seen.size === 0 ? new Float32Array(0) : this.#twin.score(seen),
    ]);
    const both = new Float32Array(2 * size);
    both.set(logits);
    both.set(overAllRows(twins, rows, size), size);
    return both;
  }

  async train(batch: SampleBatch, eventTimeMs: number, adaptation: Adaptation | null = null): Promise<StepReport> {
    const { batch: seen } = targetOnly(batch);
    const [report] = await Promise.all([
      this.#main.train(withoutView(batch), eventTimeMs, adaptation),
      seen.size === 0 ? null : this.#twin.train(seen, eventTimeMs, adaptation),
    ]);
    return report;
  }

  describe(): LearnerDescription {
    return this.#main.describe();
  }

  /** Of both together. */
  async inspect(): Promise<LearnerGauges> {
    const [a, b] = await Promise.all([this.#main.inspect(), this.#twin.inspect()]);
    return {
      rows: Object.fromEntries(Object.entries(a.rows).map(([name, n]) => [name, n + (b.rows[name] ?? 0)])),
      tensors: a.tensors + b.tensors,
      tableBytes: a.tableBytes + b.tableBytes,
      evictedRows: a.evictedRows + b.evictedRows,
    };
  }

  async snapshot(): Promise<LearnerState> {
    const [main, twin] = await Promise.all([this.#main.snapshot(), this.#twin.snapshot()]);
    return {
      ...main,
      optimizer: [...main.optimizer, ...[...twin.model, ...twin.optimizer].map((t) => ({ ...t, name: TWIN + t.name }))],
      rest: { main: main.rest, twin: twin.rest, twinModel: twin.model.map(({ name }) => name) },
    };
  }

  async restore(state: LearnerState): Promise<void> {
    const rest = state.rest as unknown as LedgerRest;
    if (rest.twin === undefined) {
      throw new DadinError('DADIN_CHECKPOINT_MISMATCH', 'the checkpoint holds no twin for the transfer ledger', {
        step: 'restore',
        expected: 'a checkpoint of a run with transfer.ledger: true',
        remedy: 'start anew, or go on without the ledger',
      });
    }
    const isTwins = ({ name }: NamedTensor) => name.startsWith(TWIN);
    const inModel = new Set(rest.twinModel);
    const twins = state.optimizer.filter(isTwins).map((t) => ({ ...t, name: t.name.slice(TWIN.length) }));
    await Promise.all([
      this.#main.restore({
        ...state,
        optimizer: state.optimizer.filter((tensor) => !isTwins(tensor)),
        rest: rest.main,
      }),
      this.#twin.restore({
        model: twins.filter(({ name }) => inModel.has(name)),
        optimizer: twins.filter(({ name }) => !inModel.has(name)),
        rest: rest.twin,
      }),
    ]);
  }

  serving(whole: string | null): Promise<ServingPart> {
    return this.#main.serving(whole);
  }

  published(): Promise<void> {
    return this.#main.published();
  }

  async close(): Promise<void> {
    await Promise.all([this.#main.close(), this.#twin.close()]);
  }
}

interface LedgerRest {
  readonly main: StateValue;
  readonly twin: StateValue | undefined;
  readonly twinModel: readonly string[];
}

function withoutView({ targetOnly: _, ...batch }: SampleBatch): SampleBatch {
  return batch;
}
