import type { NamedTensor, Sample, ServingPart, ServingTable } from '../core/index.js';
import { LinearInput, LinearScorer } from '../linear/index.js';
import { ScoringRows } from '../parameters/index.js';
import { ClickStatistics, STATISTICS_COLUMNS } from '../statistics/index.js';
import { dadinModel, type TrainableModel, zooModel } from '../zoo/index.js';
import type { ScorerOptions } from './scorer-options.js';
import { unreadableModel } from './unreadable-model.js';

/** Everything that a version's weights become: what `Scorer` computes with. */
export class ScoringTables {
  readonly model: TrainableModel;
  /** [layout.length]; discriminators, which score nothing, are 0 */
  readonly flat: Float32Array;
  readonly rows: ScoringRows;
  readonly #statistics: ClickStatistics | null;
  readonly #linear: { readonly scorer: LinearScorer; readonly input: LinearInput } | null;

  /** `floats` makes zeros where the engine reads them best. */
  constructor(options: ScorerOptions, floats: (length: number) => Float32Array) {
    this.model = options.baseline === null ? dadinModel(options.model) : zooModel(options.baseline);
    this.flat = floats(this.model.layout.length);
    this.rows = new ScoringRows(this.model.rowWidth);
    this.#statistics = options.statistics === null ? null : new ClickStatistics(options.statistics);
    const { linear } = options;
    this.#linear = linear === null ? null : { scorer: new LinearScorer(linear), input: new LinearInput(linear) };
  }

  /** Changes nothing where the part does not fit: DADIN_VERSION_UNREADABLE. */
  apply(part: ServingPart): void {
    const weights = this.#denseOf(part.tensors);
    const rows = tableOf(part, 'embedding');
    if (rows.columns[0]!.shape[1] !== this.model.rowWidth) throw unreadableModel('embedding rows have another width');
    const linear = this.#linear === null ? null : tableOf(part, 'linear');
    if (this.#statistics !== null) {
      tableOf(part, 'statistics');
      if (part.tensors.every(({ name }) => name !== 'labels'))
        throw unreadableModel('the statistics have no label counts');
    }
    const whole = part.wholeBecause !== null;
    for (const [into, data] of weights) into.set(data);
    this.rows.apply(rows, whole);
    if (linear !== null) this.#linear!.scorer.apply(linear, whole);
    this.#statistics?.apply(part);
  }

  /** Sets what the learner freezes at the impression: statistics and the linear part's logit. */
  freeze(sample: Sample): Sample {
    const dense = new Float32Array(this.#statistics === null ? 0 : STATISTICS_COLUMNS.length);
    this.#statistics?.read(sample.domain, sample.userFeatureIds, sample.item.featureIds, dense, 0);
    if (this.#linear === null) return { ...sample, dense };
    const { scorer, input } = this.#linear;
    return { ...sample, dense, offset: Math.fround(scorer.predict(input.read(sample, dense))) };
  }

  /** The same content as a full version has it. */
  whole(wholeBecause: string): ServingPart {
    const { layout, discriminatorsFrom } = this.model;
    const names = new Set(
      layout.matrices.filter(({ offset }) => offset < discriminatorsFrom).flatMap(({ tensors }) => tensors),
    );
    const front = this.#statistics?.serving(wholeBecause);
    return {
      tensors: [...layout.tensors(this.flat).filter(({ name }) => names.has(name)), ...(front?.tensors ?? [])],
      tables: [
        this.rows.table(),
        ...(front?.tables ?? []),
        ...(this.#linear === null ? [] : [this.#linear.scorer.table()]),
      ],
      wholeBecause,
    };
  }

  /** Where each dense tensor goes and what it holds there. */
  #denseOf(tensors: readonly NamedTensor[]): [Float32Array, Float32Array][] {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor.data]));
    const { layout, discriminatorsFrom } = this.model;
    return layout.tensors(this.flat).flatMap(({ name, data }): [Float32Array, Float32Array][] => {
      if (data.byteOffset - this.flat.byteOffset >= 4 * discriminatorsFrom) return [];
      const found = byName.get(name);
      if (!(found instanceof Float32Array) || found.length !== data.length) {
        throw unreadableModel(`${name} does not fit the model that the manifest names`);
      }
      return [[data, found]];
    });
  }
}

function tableOf({ tables }: ServingPart, name: string): ServingTable {
  const table = tables.find((one) => one.name === name);
  if (table === undefined) throw unreadableModel(`it has no table ${name}`);
  return table;
}
