/** How T, which separates the predicted classes, is found (algorithm A.5, number 18). */
export interface ThresholdOptions {
  /** `prior`: running label rate; `fixed`: `value`; `quantile`: that quantile of the batch's predictions. */
  readonly mode: 'prior' | 'fixed' | 'quantile';
  readonly value: number;
}

/** Strength of the gradient reversal (algorithm A.4, D.15). */
interface AdversaryOptions {
  /** `governed`: ramp and governor; `literal`: 1, as printed; `constant`: `strength`; `off`: no adversary, as ablation 9. */
  readonly mode: 'governed' | 'literal' | 'constant' | 'off';
  /** Greatest strength of `governed`; the strength of `constant`. */
  readonly strength: number;
  /** No reversal once the worst discriminator loss exceeds kappa times that of a confused one. */
  readonly kappa: number;
  /** Steps over which `governed` grows; 0 is at once. */
  readonly rampSteps: number;
}

/** DADIN and its ablations: algorithm A, the choices of A.5 and A.7. */
export interface ModelOptions {
  /** d */
  readonly width: number;
  /** Units of the DNN; the domain-agnostic layer has the same, its last as wide as its input. */
  readonly hidden: readonly number[];
  readonly predictorWidth: number;
  /** Whether the last of `hidden` has its ReLU (`act`). */
  readonly lastActivation: 'act' | 'linear';
  readonly interestBias: 'outside' | 'inside';
  readonly discriminatorInput: 'raw' | 'tanh';
  /** No gradient of the class discriminators through the predicted probability. */
  readonly detachYhat: boolean;
  readonly lambda1: number;
  readonly lambda2: number;
  readonly lambda3: number;
  /** Loss3 = lambda3 [alpha L_d0 + (1 - alpha) L_d1] */
  readonly alpha: number;
  /** Dropout rate in the label predictor, training only. */
  readonly dropout: number;
  /** 0 is DADIN++, 1 to 9 as in table 5 of the paper. */
  readonly ablation: number;
  readonly threshold: ThresholdOptions;
  readonly adversary: AdversaryOptions;
  /** What scales the class discriminators' input: the probability, or the probability over its mean in the set. */
  readonly classScale: 'literal' | 'normalised';
  /** Discriminator losses over rows as they come, or each domain weighing one half. */
  readonly domainBalance: 'natural' | 'balanced';
  /** Columns of point-in-time statistics that the first layer after the interactions reads too; 0 is the paper. */
  readonly denseWidth: number;
  /** The linear part's logit is one more such column. */
  readonly offsetInput: boolean;
}

/** What the losses read of them. */
export type LossOptions = Pick<
  ModelOptions,
  'lambda1' | 'lambda2' | 'lambda3' | 'alpha' | 'ablation' | 'adversary' | 'classScale' | 'domainBalance' | 'detachYhat'
>;

/** What an ablation leaves of the model (algorithm A.7). */
export interface ModelParts {
  readonly attention: boolean;
  readonly interest: boolean;
  readonly biInteraction: boolean;
  readonly dnn: boolean;
  readonly domainAgnostic: boolean;
}

export function modelParts({ ablation }: ModelOptions): ModelParts {
  return {
    attention: ablation !== 1,
    interest: ablation !== 2,
    biInteraction: ablation !== 3 && ablation !== 5,
    dnn: ablation !== 4 && ablation !== 5,
    domainAgnostic: ablation !== 6,
  };
}

/** Weights of the three losses after the ablation: lambda1, lambda2, lambda3. */
export function lossWeights(options: LossOptions): readonly [number, number, number] {
  const { ablation, adversary } = options;
  const off = ablation === 9 || adversary.mode === 'off';
  return [options.lambda1, off || ablation === 7 ? 0 : options.lambda2, off || ablation === 8 ? 0 : options.lambda3];
}
