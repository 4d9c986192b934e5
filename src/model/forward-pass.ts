import type { FloatArray, Ops, Ragged, SampleBatch } from '../core/index.js';
import { forward, type ModelInput, type ModelOutput } from './dadin.js';
import { DeviceParameters } from './device-parameters.js';
import type { ModelOptions } from './model-options.js';
import type { ParameterLayout } from './parameter-layout.js';
import { Tape } from './tape.js';

/** A batch, or some of its rows, without what only the losses read; ids are turned into `embeddings`. */
export interface EmbeddedRows {
  readonly batch: Omit<SampleBatch, 'label' | 'weight' | 'userSplits' | 'userIds' | 'itemSplits' | 'itemIds'>;
  /** [R,d] of the distinct feature ids, R >= 1 */
  readonly embeddings: FloatArray;
  readonly embeddingRows: number;
  /** B lists of rows; unknown ids are left out */
  readonly userFeatures: Ragged;
  /** U lists of rows */
  readonly itemFeatures: Ragged;
}

export interface PassSettings {
  /** lambda_grl; null leaves the discriminators out, see `hasAdversary` */
  readonly reversal: number | null;
  /** [B, predictorWidth] inverted dropout mask */
  readonly dropoutMask: FloatArray | null;
}

/** What the losses read of a forward pass. */
export interface PassOutputs {
  /** [B] with the offset */
  readonly logit: Float64Array;
  /** [B,3] see `ModelOutput.products` */
  readonly products: Float64Array | null;
  /** [B,3] v_user, v_targetHist, v_sourceHist; null for a model without them */
  readonly interest: Float64Array | null;
}

/** A forward pass with its way back, good within the scope that it was made in. */
export interface ForwardPass extends PassOutputs {
  /**
   * From the gradients of logits [B] and products [B,3] to those of the flat parameter vector and of the embeddings
   * [R,d], which are overwritten.
   */
  backward(
    dLogit: Float64Array,
    dProducts: Float64Array | null,
    denseGradient: FloatArray,
    embeddingGradient: FloatArray,
  ): void;
}

/** DADIN forward, in a scope that the caller has open. `observe` sees its matrices. */
export function forwardPass<T>(
  ops: Ops<T>,
  options: ModelOptions,
  layout: ParameterLayout,
  flat: FloatArray,
  embedded: EmbeddedRows,
  { reversal, dropoutMask }: PassSettings,
  observe: (output: ModelOutput<T>) => void = () => {},
): ForwardPass {
  const { size, offset } = embedded.batch;
  const tape = new Tape(ops, true);
  const parameters = new DeviceParameters(tape, layout, flat);
  const input = modelInput(tape, options, embedded);
  const output = forward(tape, options, parameters, input, {
    dropoutMask: dropoutMask === null ? null : ops.upload(dropoutMask, size, options.predictorWidth),
    reversal,
  });
  observe(output);
  const { products, interest } = output;
  const logit = ops.download(output.logit.value, new Float64Array(size));
  for (let i = 0; i < size; i++) logit[i]! += offset[i]!;
  return {
    logit,
    products: products === null ? null : ops.download(products.value, new Float64Array(size * 3)),
    interest: interest === null ? null : ops.download(interest.value, new Float64Array(size * 3)),
    backward(dLogit, dProducts, denseGradient, embeddingGradient) {
      tape.accumulate(output.logit, ops.upload(dLogit, size, 1));
      if (products !== null && dProducts !== null) tape.accumulate(products, ops.upload(dProducts, size, 3));
      tape.backward();
      parameters.downloadGradients(denseGradient);
      if (input.embeddings.gradient === null) embeddingGradient.fill(0);
      else ops.download(input.embeddings.gradient, embeddingGradient);
    },
  };
}

/** Logits [B], offset included: steps 1 to 11 without dropout, discriminators or tape. */
export function computeLogits<T>(
  ops: Ops<T>,
  options: ModelOptions,
  layout: ParameterLayout,
  flat: FloatArray,
  embedded: EmbeddedRows,
): Float32Array {
  const { batch } = embedded;
  const logits = new Float32Array(batch.size);
  // results leave the scope by assignment: some engines walk whatever a scope returns
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

function modelInput<T>(tape: Tape<T>, options: ModelOptions, embedded: EmbeddedRows): ModelInput<T> {
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

/** [B, denseWidth + 1]: the statistics, then the offset. */
function appendColumn({ size, dense, denseWidth, offset }: EmbeddedRows['batch']): Float32Array {
  const width = denseWidth + 1;
  const all = new Float32Array(size * width);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < denseWidth; j++) all[i * width + j] = dense[i * denseWidth + j]!;
    all[i * width + denseWidth] = offset[i]!;
  }
  return all;
}
