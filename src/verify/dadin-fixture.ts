import type { FloatArray, Ragged } from '../core/index.js';
import type { EmbeddedBatch } from '../model/gradients.js';
import type { ModelOptions } from '../model/model-options.js';
import type { ParameterLayout } from '../model/parameter-layout.js';

export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export type FixtureTensors = Readonly<Record<string, FixtureTensor>>;

export interface DadinConfig {
  readonly d: number;
  readonly hidden: readonly number[];
  readonly lastAct: 'act' | 'linear';
  readonly predictorWidth: number;
  readonly interestBias: 'outside' | 'inside';
  readonly lambda1: number;
  readonly lambda2: number;
  readonly lambda3: number;
  readonly alpha: number;
  readonly grl: number;
  readonly threshold: number;
  readonly discInput: 'raw' | 'tanh';
  readonly detachYhat: boolean;
  readonly ablation: number;
}

/** Fields of one row are lists of ids padded with 0; ids count from 1 in each table. */
export interface DadinFixture {
  readonly config: DadinConfig;
  readonly weights: FixtureTensors;
  readonly inputs: FixtureTensors;
  readonly dropmask?: FixtureTensor;
}

/** The three tables of a fixture, stacked into one matrix: user, target items, source items. */
export const TABLES = ['emb.user', 'emb.itemT', 'emb.itemS'] as const;

export function modelOptionsOf(config: DadinConfig): ModelOptions {
  return {
    width: config.d,
    hidden: config.hidden,
    predictorWidth: config.predictorWidth,
    lastActivation: config.lastAct,
    interestBias: config.interestBias,
    discriminatorInput: config.discInput,
    detachYhat: config.detachYhat,
    lambda1: config.lambda1,
    lambda2: config.lambda2,
    lambda3: config.lambda3,
    alpha: config.alpha,
    dropout: 0,
    ablation: config.ablation,
    threshold: { mode: 'fixed', value: config.threshold },
    adversary: { mode: 'constant', strength: config.grl, kappa: 1.2, rampSteps: 0 },
    classScale: 'literal',
    domainBalance: 'natural',
    denseWidth: 0,
    offsetInput: false,
  };
}

/** The fixture's dense weights in the product's flat layout; a name the layout lacks, or the reverse, is an error. */
export function flatWeights<A extends FloatArray>(layout: ParameterLayout, weights: FixtureTensors, flat: A): A {
  const names = new Set(Object.keys(weights).filter((name) => !(TABLES as readonly string[]).includes(name)));
  for (const { name, data } of layout.tensors(flat)) {
    const tensor = weights[name];
    if (tensor === undefined || tensor.data.length !== data.length) throw new RangeError(`fixture lacks ${name}`);
    data.set(tensor.data);
    names.delete(name);
  }
  if (names.size > 0) throw new RangeError(`fixture has ${[...names].join(', ')}, which the model does not`);
  return flat;
}

/** All rows of the three tables, padding rows (number 0 of each) included. */
export function stackedTables(weights: FixtureTensors): Float64Array {
  return Float64Array.from(TABLES.flatMap((name) => tensor(weights, name).data));
}

export function embeddedBatchOf(fixture: DadinFixture, embeddings: FloatArray): EmbeddedBatch {
  const { inputs, weights, config } = fixture;
  const domain = Uint8Array.from(tensor(inputs, 'dom').data);
  const B = domain.length;
  const rowsOf = (name: (typeof TABLES)[number]) => tensor(weights, name).shape[0]!;
  const first = { user: 0, target: rowsOf('emb.user'), source: rowsOf('emb.user') + rowsOf('emb.itemT') };
  const users = new RaggedBuilder();
  const items = new RaggedBuilder();
  const addItem = (ids: readonly number[], table: number): number => {
    items.add(ids.filter((id) => id !== 0).map((id) => table + id));
    return items.lists - 1;
  };
  const history = (name: 'histT' | 'histS', table: number): Ragged => {
    const positions = tensor(inputs, name);
    const [, L = 0, F = 0] = positions.shape;
    const built = new RaggedBuilder();
    for (let i = 0; i < B; i++) {
      const lists = Array.from({ length: L }, (_, l) => positions.data.slice((i * L + l) * F, (i * L + l + 1) * F));
      built.add(lists.filter((ids) => ids.some((id) => id !== 0)).map((ids) => addItem(ids, table)));
    }
    return built.ragged();
  };
  const candidate = Int32Array.from(domain, (code, i) =>
    addItem(rowOf(tensor(inputs, 'item'), i), code === 1 ? first.target : first.source),
  );
  for (let i = 0; i < B; i++) users.add(rowOf(tensor(inputs, 'user'), i).filter((id) => id !== 0));
  const histT = history('histT', first.target);
  const histS = history('histS', first.source);
  const userFeatures = users.ragged();
  const itemFeatures = items.ragged();
  return {
    batch: {
      size: B,
      domain,
      label: Float32Array.from(tensor(inputs, 'label').data),
      weight: inputs['weight'] ? Float32Array.from(inputs['weight'].data) : new Float32Array(B).fill(1),
      offset: new Float32Array(B),
      dense: new Float32Array(0),
      denseWidth: 0,
      userSplits: userFeatures.splits,
      userIds: Float64Array.from(userFeatures.items),
      itemSplits: itemFeatures.splits,
      itemIds: Float64Array.from(itemFeatures.items),
      candidate,
      histT,
      histS,
    },
    embeddings,
    embeddingRows: embeddings.length / config.d,
    userFeatures,
    itemFeatures,
  };
}

function tensor(tensors: FixtureTensors, name: string): FixtureTensor {
  const found = tensors[name];
  if (found === undefined) throw new RangeError(`fixture has no ${name}`);
  return found;
}

function rowOf({ shape, data }: FixtureTensor, i: number): readonly number[] {
  const width = shape[1]!;
  return data.slice(i * width, (i + 1) * width);
}

class RaggedBuilder {
  readonly #splits = [0];
  readonly #items: number[] = [];

  get lists(): number {
    return this.#splits.length - 1;
  }

  add(list: readonly number[]): void {
    this.#items.push(...list);
    this.#splits.push(this.#items.length);
  }

  ragged(): Ragged {
    return { splits: Int32Array.from(this.#splits), items: Int32Array.from(this.#items) };
  }
}
