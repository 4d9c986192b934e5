import { DOMAIN_CODE, type Ops, SeededRandom } from '../../core/index.js';
import { DeviceParameters } from '../../model/device-parameters.js';
import { add, product, reverse } from '../../model/layers.js';
import { computeLosses } from '../../model/losses.js';
import type { LossOptions } from '../../model/model-options.js';
import { ParameterLayout } from '../../model/parameter-layout.js';
import { Tape, type TapeNode } from '../../model/tape.js';
import { FlatAdam } from '../../parameters/index.js';
import { mlp, mlpMatrices } from '../../zoo/mlp.js';
import { matrix } from '../../zoo/parameter-matrix.js';

/** Points of both domains as the network learns them. */
export interface MoonBatch {
  /** [n,2] */
  readonly x: Float64Array;
  readonly label: Uint8Array;
  /** [n] 1 where the label is learned */
  readonly labelled: Uint8Array;
  /** [n] 1 target, 0 source */
  readonly domain: Uint8Array;
}

/** What the network says of points. */
export interface MoonOutput {
  readonly size: number;
  /** [n] */
  readonly logit: Float64Array;
  /** [n] logit of the global domain discriminator D†; > 0 is target */
  readonly domainLogit: Float64Array;
  /** [n,16] */
  readonly specific: Float64Array;
  /** [n,16] */
  readonly agnostic: Float64Array;
}

const TOWER = [32, 32, 16];
const AGNOSTIC = [32, 16];
const HEAD = [32, 1];
export const REPRESENTATION = 16;
const STEPS = 1500;
const LEARNING_RATE = 3e-3;
const REVERSAL = 0.3;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Loss weights 1, alpha = T = .5 (algorithm C). */
const LOSSES: LossOptions = {
  lambda1: 1,
  lambda2: 1,
  lambda3: 1,
  alpha: 0.5,
  classScale: 'literal',
  domainBalance: 'natural',
  detachYhat: true,
  ablation: 0,
  adversary: { mode: 'constant', strength: REVERSAL, kappa: 1.2, rampSteps: 0 },
};
const THRESHOLD = 0.5;

/**
 * The toy network of the paper's section 4.2: one tower 2-32-32-16 for both domains, domain-agnostic layers 16-32-16 with
 * skip, head 16-32-1, three linear discriminators on 16. Full batches, Adam 3e-3, 1500 steps.
 */
export class MoonNetwork<T> {
  readonly #ops: Ops<T>;
  readonly #layout = new ParameterLayout([
    ...mlpMatrices('tower', 2, TOWER, TOWER.length),
    ...mlpMatrices('da', REPRESENTATION, AGNOSTIC, AGNOSTIC.length),
    ...mlpMatrices('head', REPRESENTATION, HEAD, 1),
    matrix('dom.W', [3, REPRESENTATION]),
    matrix('dom.b', [3], 'zero'),
  ]);
  readonly #flat = new Float32Array(this.#layout.length);
  readonly #gradient = new Float32Array(this.#layout.length);
  readonly #adam = new FlatAdam(this.#layout.length, ADAM);

  constructor(ops: Ops<T>, seed: number) {
    this.#ops = ops;
    this.#initialise(new SeededRandom(seed, 'moons/network'));
  }

  /** Weights and biases uniform in +-1 / sqrt(inputs), as PyTorch starts a layer: larger ones make the adversary stronger. */
  #initialise(random: SeededRandom): void {
    let limit = 0;
    for (const { key, rows, cols } of this.#layout.matrices) {
      if (rows > 1 || key.endsWith('.W')) limit = 1 / Math.sqrt(cols); // a bias follows its weights
      const values = this.#layout.view(this.#flat, key);
      for (let i = 0; i < values.length; i++) values[i] = (2 * random.next() - 1) * limit;
    }
  }

  train(batch: MoonBatch, adversary: boolean): void {
    for (let step = 0; step < STEPS; step++) this.#step(batch, adversary);
  }

  outputs(x: Float64Array): MoonOutput {
    const ops = this.#ops;
    const size = x.length / 2;
    let output: MoonOutput | undefined;
    ops.scope(() => {
      const tape = new Tape(ops, false);
      const { logit, products, specific, agnostic } = this.#forward(tape, x, size, 0).nodes;
      const bias = this.#layout.view(this.#flat, 'dom.b')[0]!;
      const columns = ops.download(products.value, new Float64Array(size * 3));
      output = {
        size,
        logit: ops.download(logit.value, new Float64Array(size)),
        domainLogit: Float64Array.from({ length: size }, (_, i) => columns[i * 3]! + bias),
        specific: ops.download(specific.value, new Float64Array(size * REPRESENTATION)),
        agnostic: ops.download(agnostic.value, new Float64Array(size * REPRESENTATION)),
      };
    });
    return output!;
  }

  #step({ x, label, labelled, domain }: MoonBatch, adversary: boolean): void {
    const ops = this.#ops;
    const size = label.length;
    const shown = labelled.reduce((sum, one) => sum + one, 0);
    ops.scope(() => {
      const tape = new Tape(ops, true);
      const { nodes, parameters } = this.#forward(tape, x, size, REVERSAL);
      const { logit, products } = nodes;
      const losses = computeLosses(LOSSES, {
        logit: ops.download(logit.value, new Float64Array(size)),
        products: adversary ? ops.download(products.value, new Float64Array(size * 3)) : null,
        biases: this.#layout.view(this.#flat, 'dom.b'),
        label,
        // the label loss is the mean over the points whose label is shown
        weight: Float64Array.from(labelled, (one) => (one * size) / shown),
        domain,
        threshold: THRESHOLD,
        reversal: REVERSAL,
      });
      tape.accumulate(logit, ops.upload(losses.dLogit, size, 1));
      if (losses.discriminators !== null) {
        tape.accumulate(products, ops.upload(losses.discriminators.dProducts, size, 3));
      }
      tape.backward();
      parameters.downloadGradients(this.#gradient);
      if (losses.discriminators !== null) {
        this.#layout.view(this.#gradient, 'dom.b').set(losses.discriminators.dBiases);
      }
      this.#adam.step(this.#flat, this.#gradient, LEARNING_RATE);
    });
  }

  #forward(tape: Tape<T>, x: Float64Array, size: number, reversal: number) {
    const parameters = new DeviceParameters(tape, this.#layout, this.#flat);
    const input: TapeNode<T> = tape.constant(this.#ops.upload(x, size, 2));
    const specific = mlp(tape, parameters, 'tower', input, TOWER.length, 'relu', 'relu'); //     [n,16]
    const agnostic = mlp(tape, parameters, 'da', specific, AGNOSTIC.length, 'relu', 'relu'); //   [n,16]
    const h = add(tape, agnostic, specific); //                                                  [n,16]
    const logit = mlp(tape, parameters, 'head', h, HEAD.length, 'relu', 'none'); //               [n,1]
    const products = product(tape, reverse(tape, agnostic, reversal), parameters.get('dom.W')); // [n,3]
    return { parameters, nodes: { logit, products, specific, agnostic } };
  }
}

/** Both domains in one batch, source first; target labels only where they are shown. */
export function bothDomains(
  source: { readonly x: Float64Array; readonly label: Uint8Array },
  target: { readonly x: Float64Array; readonly label: Uint8Array },
  shown: Uint8Array,
): MoonBatch {
  const n = source.label.length;
  return {
    x: Float64Array.of(...source.x, ...target.x),
    label: Uint8Array.of(...source.label, ...target.label),
    labelled: Uint8Array.of(...new Uint8Array(n).fill(1), ...shown),
    domain: Uint8Array.of(...new Uint8Array(n).fill(DOMAIN_CODE.source), ...new Uint8Array(n).fill(DOMAIN_CODE.target)),
  };
}
