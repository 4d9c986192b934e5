import { SeededRandom } from '../../../src/core/index.js';
import type { ModelOutput } from '../../../src/model/dadin.js';
import { dadinLayout } from '../../../src/model/dadin-layout.js';
import { computeGradients, type EmbeddedBatch } from '../../../src/model/gradients.js';
import type { Losses } from '../../../src/model/losses.js';
import type { ModelOptions } from '../../../src/model/model-options.js';
import type { ParameterLayout } from '../../../src/model/parameter-layout.js';
import { createReferenceOps, type ReferenceMatrix } from '../../../src/model/reference-ops.js';
import { RowCollector } from '../../../src/training/engine-rows.js';
import { type RandomBatchOptions, randomBatch } from './random-batch.js';

/** A batch, float64 weights and embeddings drawn at random, away from the kinks of the start values. */
export interface SmallProblem {
  readonly options: ModelOptions;
  readonly layout: ParameterLayout;
  readonly flat: Float64Array;
  readonly embedded: Omit<EmbeddedBatch, 'embeddings'> & { readonly embeddings: Float64Array };
}

export interface Evaluation {
  readonly losses: Losses;
  readonly dense: Float64Array;
  readonly rows: Float64Array;
  readonly logit: Float64Array;
}

export function smallProblem(
  seed: number,
  options: ModelOptions,
  batch: Partial<RandomBatchOptions> = {},
): SmallProblem {
  const random = new SeededRandom(seed);
  const layout = dadinLayout(options);
  const flat = Float64Array.from({ length: layout.length }, () => 0.5 * random.normal());
  // biases above 0 keep the small ReLU layers alive
  for (const { key, initialisation } of layout.matrices) {
    if (initialisation !== 'zero') continue;
    const biases = layout.view(flat, key);
    for (let i = 0; i < biases.length; i++) biases[i] = 0.3 + 0.2 * biases[i]!;
  }
  const drawn = randomBatch(random, {
    size: 8,
    users: 5,
    items: 6,
    historyLength: 3,
    denseWidth: options.denseWidth,
    ...batch,
  });
  return { options, layout, flat, embedded: embed(drawn, options.width, random) };
}

/** Every id gets a row of N(0, .5^2). */
function embed(batch: EmbeddedBatch['batch'], width: number, random: SeededRandom) {
  const rowOfId = new Map<number, number>();
  const found = new RowCollector().collect(batch, (id) => {
    if (!rowOfId.has(id)) rowOfId.set(id, rowOfId.size);
    return rowOfId.get(id)!;
  });
  const embeddings = Float64Array.from({ length: found.rows.length * width }, () => 0.5 * random.normal());
  return { batch, embeddings, embeddingRows: found.rows.length, ...found };
}

const nothing = () => {};

/** Losses and all gradients on the float64 reference. */
export function evaluate(
  { options, layout, flat, embedded }: SmallProblem,
  settings: { reversal?: number | null; threshold?: number; dropoutMask?: Float64Array | null } = {},
  observe: (output: ModelOutput<ReferenceMatrix>) => void = nothing,
): Evaluation {
  const { reversal = 1, threshold = 0.5, dropoutMask = null } = settings;
  const dense = new Float64Array(flat.length);
  const rows = new Float64Array(embedded.embeddings.length);
  let logit = new Float64Array(0);
  const losses = computeGradients(
    createReferenceOps(),
    options,
    layout,
    flat,
    embedded,
    { reversal, threshold: () => threshold, dropoutMask },
    dense,
    rows,
    (output) => {
      logit = output.logit.value.data.slice();
      observe(output);
    },
  );
  return { losses, dense, rows, logit };
}

export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}
