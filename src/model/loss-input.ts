/** A batch as the losses see it: columns downloaded from an engine. */
export interface LossInput {
  /** [B] with the offset */
  readonly logit: Float64Array;
  /** [B,3] f D^T without scale and bias; null where the discriminators are left out */
  readonly products: Float64Array | null;
  /** [3] biases of the global, class 1 and class 0 discriminators */
  readonly biases: ArrayLike<number>;
  /** [B] 0 or 1 */
  readonly label: ArrayLike<number>;
  /** [B] instance weights of L_y */
  readonly weight: ArrayLike<number>;
  /** [B] 1 target, 0 source */
  readonly domain: ArrayLike<number>;
  /** T: a row belongs to class 1 when its prediction is at least T */
  readonly threshold: number;
  /** lambda_grl; matters only where the prediction is not detached */
  readonly reversal: number;
}
