import type { FloatArray, Ops, SeededRandom } from '../core/index.js';
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
  /**
   * One forward and backward pass: gradients of `flat` into `denseGradient`, of the embeddings [R,rowWidth] into
   * `embeddingGradient`.
   */
  step<T>(
    ops: Ops<T>,
    flat: FloatArray,
    embedded: EmbeddedBatch,
    settings: StepSettings,
    denseGradient: FloatArray,
    embeddingGradient: FloatArray,
  ): StepOutcome;
  /** Logits [B], offset included. */
  logits<T>(ops: Ops<T>, flat: FloatArray, embedded: EmbeddedBatch): Float32Array;
  /** What follows an optimizer step taken at this rate: the proximal step of a lasso. */
  afterStep(flat: FloatArray, learningRate: number): void;
}
