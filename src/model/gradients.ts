import type { FloatArray, Ops, Ragged, SampleBatch } from '../core/index.js';
import { forward, type ModelInput, type ModelOutput } from './dadin.js';
import { DeviceParameters } from './device-parameters.js';
import { computeLosses, holdsOneDomain, type Losses } from './losses.js';
import { lossWeights, type ModelOptions } from './model-options.js';
import type { ParameterLayout } from './parameter-layout.js';
import { Tape } from './tape.js';

/** Feature ids of a batch turned into rows of the matrix of its distinct embeddings; unknown ids are left out. */
export interface EmbeddedBatch {
  readonly batch: SampleBatch;
  /** [R,d], R >= 1 */
  readonly embeddings: FloatArray;
  readonly embeddingRows: number;
  /** B lists of rows */
  readonly userFeatures: Ragged;
  /** U lists of rows */
  readonly itemFeatures: Ragged;
}

export interface StepSettings {
  /** lambda_grl; null leaves the discriminators out, see `hasAdversary` */
  readonly reversal: number | null;
  /** T as a function of the predictions, since a quantile depends on them */
  readonly threshold: (logit: Float64Array) => number;
  /** [B, predictorWidth] inverted dropout mask */
  readonly dropoutMask: FloatArray | null;
}

/**
 * One forward and backward pass. Writes the gradients of the flat parameter vector into `denseGradient` and of the
 * embeddings into `embeddingGradient` [R,d]. `observe` sees the forward pass while its matrices live.
 */
export function computeGradients<T>(
  ops: Ops<T>,
  options: ModelOptions,
  layout: ParameterLayout,
  flat: FloatArray,
  embedded: EmbeddedBatch,
  settings: StepSettings,
  denseGradient: FloatArray,
  embeddingGradient: FloatArray,
  observe: (output: ModelOutput<T>) => void,
): Losses {
  let losses: Losses | undefined;
  // results leave the scope by assignment: some engines walk whatever a scope returns
  ops.scope(() => {
    const { batch } = embedded;
    const B = batch.size;
    const tape = new Tape(ops, true);
    const parameters = new DeviceParameters(tape, layout, flat);
    const input = modelInput(tape, options, embedded);
    const { dropoutMask } = settings;
    const output = forward(tape, options, parameters, input, {
      dropoutMask: dropoutMask === null ? null : ops.upload(dropoutMask, B, options.predictorWidth),
      reversal: settings.reversal,
    });
    observe(output);
    losses = lossesOf(ops, options, layout.view(flat, 'dom.b'), batch, output, settings);

    tape.accumulate(output.logit, ops.upload(losses.dLogit, B, 1));
    if (output.products !== null && losses.discriminators !== null) {
      tape.accumulate(output.products, ops.upload(losses.discriminators.dProducts, B, 3));
    }
    tape.backward();

    parameters.downloadGradients(denseGradient);
    const dBiases = layout.view(denseGradient, 'dom.b');
    if (losses.discriminators === null) dBiases.fill(0);
    else dBiases.set(losses.discriminators.dBiases);
    if (input.embeddings.gradient === null) embeddingGradient.fill(0);
    else ops.download(input.embeddings.gradient, embeddingGradient);
  });
  return losses!;
}

/** Logits [B], offset included: steps 1 to 11 without dropout, discriminators or tape. */
export function computeLogits<T>(
  ops: Ops<T>,
  options: ModelOptions,
  layout: ParameterLayout,
  flat: FloatArray,
  embedded: EmbeddedBatch,
): Float32Array {
  const { batch } = embedded;
  const logits = new Float32Array(batch.size);
  ops.scope(() => {
    const tape = new Tape(ops, false);
    const parameters = new DeviceParameters(tape, layout, flat);
    const output = forward(tape, options, parameters, modelInput(tape, options, embedded), {
      dropoutMask: null,
      reversal: null,
    });
    ops.download(output.logit.value, logits);
  });
  for (let i = 0; i < logits.length; i++) logits[i]! += batch.offset[i]!;
  return logits;
}

/** Discriminators have a part in this step: their losses weigh something and the batch holds both domains. */
export function hasAdversary(options: ModelOptions, batch: SampleBatch): boolean {
  const [, lambda2, lambda3] = lossWeights(options);
  return (lambda2 > 0 || lambda3 > 0) && !holdsOneDomain(batch.domain);
}

function modelInput<T>(tape: Tape<T>, options: ModelOptions, embedded: EmbeddedBatch): ModelInput<T> {
  const { batch, embeddings, embeddingRows, userFeatures, itemFeatures } = embedded;
  return {
    size: batch.size,
    embeddings: tape.leaf(tape.ops.upload(embeddings, embeddingRows, options.width)),
    userFeatures,
    itemFeatures,
    candidate: batch.candidate,
    histT: batch.histT,
    histS: batch.histS,
    dense: options.offsetInput ? appendColumn(batch) : batch.dense,
  };
}

function lossesOf<T>(
  ops: Ops<T>,
  options: ModelOptions,
  biases: FloatArray,
  batch: SampleBatch,
  output: ModelOutput<T>,
  settings: StepSettings,
): Losses {
  const B = batch.size;
  const logit = ops.download(output.logit.value, new Float64Array(B));
  for (let i = 0; i < B; i++) logit[i]! += batch.offset[i]!;
  return computeLosses(options, {
    logit,
    products: output.products === null ? null : ops.download(output.products.value, new Float64Array(B * 3)),
    biases,
    label: batch.label,
    weight: batch.weight,
    domain: batch.domain,
    threshold: settings.threshold(logit),
    reversal: settings.reversal ?? 0,
  });
}

/** [B, denseWidth + 1]: the statistics, then the offset. */
function appendColumn({ size, dense, denseWidth, offset }: SampleBatch): Float32Array {
  const width = denseWidth + 1;
  const all = new Float32Array(size * width);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < denseWidth; j++) all[i * width + j] = dense[i * denseWidth + j]!;
    all[i * width + denseWidth] = offset[i]!;
  }
  return all;
}
