import type { FloatArray, Ops, SampleBatch, SeededRandom } from '../core/index.js';
import type { EmbeddedRows, ForwardPass, PassOutputs, PassSettings } from '../model/forward-pass.js';
import type { EmbeddedBatch, StepSettings } from '../model/gradients.js';
import type { Losses } from '../model/losses.js';
import type { ParameterLayout } from '../model/parameter-layout.js';

export interface StepOutcome {
  readonly losses: Losses;
  /** [B,3] v_user, v_targetHist, v_sourceHist; null for a model without them */
  readonly interest: Float64Array | null;
}

/** What an engine needs of a model to train and score it: DADIN and every baseline alike. */
export interface TrainableModel {
  readonly layout: ParameterLayout;
  /** Columns of an embedding row: d, and one more where the model has first-order weights. */
  readonly rowWidth: number;
  /** Keys of the biases that start at the logit of the label rate. */
  readonly outputBiases: readonly string[];
  /** Where in the flat vector the discriminators begin, which have a learning rate of their own; its length without any. */
  readonly discriminatorsFrom: number;
  /** Start values [layout.length]. */
  initialise(flat: FloatArray, random: SeededRandom): void;
  /** Forward, in a scope that the caller has open; on some rows of a batch as well as on the whole. */
  forward<T>(ops: Ops<T>, flat: FloatArray, embedded: EmbeddedRows, settings: PassSettings): ForwardPass;
  /** Losses of a whole batch from the outputs of its rows. */
  losses(
    flat: FloatArray,
    batch: Pick<SampleBatch, 'label' | 'weight' | 'domain'>,
    outputs: PassOutputs,
    settings: StepSettings,
  ): Losses;
  /** Gradients of the parameters that only the losses read; all others stay as they are. */
  setLossGradients(losses: Losses, denseGradient: FloatArray): void;
  /** Logits [B], offset included. */
  logits<T>(ops: Ops<T>, flat: FloatArray, embedded: EmbeddedRows): Float32Array;
  /** What follows an optimizer step taken at this rate: the proximal step of a lasso. */
  afterStep(flat: FloatArray, learningRate: number): void;
}

/**
 * One forward and backward pass over a whole batch: gradients of `flat` into `denseGradient`, of the embeddings
 * [R,rowWidth] into `embeddingGradient`.
 */
export function stepInOnePiece<T>(
  model: TrainableModel,
  ops: Ops<T>,
  flat: FloatArray,
  embedded: EmbeddedBatch,
  settings: StepSettings,
  denseGradient: FloatArray,
  embeddingGradient: FloatArray,
): StepOutcome {
  let outcome: StepOutcome | undefined;
  ops.scope(() => {
    const pass = model.forward(ops, flat, embedded, settings);
    const losses = model.losses(flat, embedded.batch, pass, settings);
    pass.backward(losses.dLogit, losses.discriminators?.dProducts ?? null, denseGradient, embeddingGradient);
    model.setLossGradients(losses, denseGradient);
    outcome = { losses, interest: pass.interest };
  });
  return outcome!;
}
