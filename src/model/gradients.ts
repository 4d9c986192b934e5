import type { FloatArray, Ops, SampleBatch } from '../core/index.js';
import type { ModelOutput } from './dadin.js';
import { type EmbeddedRows, forwardPass, type PassOutputs, type PassSettings } from './forward-pass.js';
import { computeLosses, holdsOneDomain, type Losses } from './losses.js';
import { lossWeights, type ModelOptions } from './model-options.js';
import type { ParameterLayout } from './parameter-layout.js';

/** A batch as one step reads it. */
export interface EmbeddedBatch extends EmbeddedRows {
  readonly batch: SampleBatch;
}

export interface StepSettings extends PassSettings {
  /** T as a function of the predictions, since a quantile depends on them */
  readonly threshold: (logit: Float64Array) => number;
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
  ops.scope(() => {
    const pass = forwardPass(ops, options, layout, flat, embedded, settings, observe);
    losses = lossesOf(options, layout, flat, embedded.batch, pass, settings);
    pass.backward(losses.dLogit, losses.discriminators?.dProducts ?? null, denseGradient, embeddingGradient);
    setBiasGradients(layout, losses, denseGradient);
  });
  return losses!;
}

/** Losses over a whole batch, from what its forward passes gave. */
export function lossesOf(
  options: ModelOptions,
  layout: ParameterLayout,
  flat: FloatArray,
  { label, weight, domain }: Pick<SampleBatch, 'label' | 'weight' | 'domain'>,
  { logit, products }: PassOutputs,
  settings: StepSettings,
): Losses {
  return computeLosses(options, {
    logit,
    products,
    biases: layout.view(flat, 'dom.b'),
    label,
    weight,
    domain,
    threshold: settings.threshold(logit),
    reversal: settings.reversal ?? 0,
  });
}

/** The discriminators' biases are no part of the forward pass: their gradients come from the losses. */
export function setBiasGradients(layout: ParameterLayout, losses: Losses, denseGradient: FloatArray): void {
  if (losses.discriminators !== null) layout.view(denseGradient, 'dom.b').set(losses.discriminators.dBiases);
}

/** Discriminators have a part in this step: their losses weigh something and the batch holds both domains. */
export function hasAdversary(options: ModelOptions, batch: SampleBatch): boolean {
  const [, lambda2, lambda3] = lossWeights(options);
  return (lambda2 > 0 || lambda3 > 0) && !holdsOneDomain(batch.domain);
}
