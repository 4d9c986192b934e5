import { DOMAIN_CODE, type FloatArray, type Ops, type SampleBatch, type SeededRandom } from '../core/index.js';
import { DeviceParameters } from '../model/device-parameters.js';
import type { EmbeddedRows, ForwardPass } from '../model/forward-pass.js';
import { initialise } from '../model/initialise.js';
import { add, maskWith } from '../model/layers.js';
import { ParameterLayout } from '../model/parameter-layout.js';
import { Tape, type TapeNode } from '../model/tape.js';
import { baseline } from './baselines.js';
import { ABSENT_ITEM, batchFieldShape, batchFields, batchPairs, domainMask } from './batch-fields.js';
import type { CrossDomainModel } from './cross-domain.js';
import { labelLoss } from './label-loss.js';
import type { ZooOptions } from './options.js';
import { matrix } from './parameter-matrix.js';
import type { SingleDomainModel } from './single-domain.js';
import type { TrainableModel } from './trainable-model.js';

/** A baseline bound to batches: what differs between the two families. */
interface BoundModel {
  readonly layout: ParameterLayout;
  readonly rowWidth: number;
  readonly outputBiases: readonly string[];
  readonly sourceWeight: number;
  readonly start: CrossDomainModel['start'];
  readonly lasso: CrossDomainModel['lasso'];
  /** [B,1] without the offset; `embeddings` [R,rowWidth] */
  logit<T>(
    tape: Tape<T>,
    parameters: DeviceParameters<T>,
    embeddings: TapeNode<T>,
    embedded: EmbeddedRows,
  ): TapeNode<T>;
}

/** One of the paper's eleven baselines, trained and scored on the batches that DADIN reads. Has no statistics inputs. */
export function zooModel(options: ZooOptions): TrainableModel {
  const bound = bind(options);
  const { layout, rowWidth, outputBiases } = bound;
  return {
    layout,
    rowWidth,
    outputBiases,
    discriminatorsFrom: layout.length,
    initialise(flat: FloatArray, random: SeededRandom) {
      initialise(layout, flat, random);
      for (const [key, values] of Object.entries(bound.start)) layout.view(flat, key).set(values);
    },
    forward: (ops, flat, embedded) => forward(ops, bound, flat, embedded),
    losses: (_flat, batch, { logit }) => labelLoss(logit, batch.label, lossWeights(batch, bound.sourceWeight)),
    setLossGradients: () => {},
    logits: (ops, flat, embedded) => logits(ops, bound, flat, embedded),
    afterStep(flat, learningRate) {
      if (bound.lasso === null) return;
      const { keys, strength } = bound.lasso;
      for (const key of keys) softThreshold(layout.view(flat, key), strength * learningRate);
    },
  };
}

function bind(options: ZooOptions): BoundModel {
  const chosen = baseline(options);
  return chosen.form === 'single-domain'
    ? bindSingle(chosen.model, options.width)
    : bindCross(chosen.model, options.width);
}

function bindSingle(model: SingleDomainModel, width: number): BoundModel {
  const rowWidth = (model.embedded ? width : 0) + (model.firstOrder ? 1 : 0);
  return {
    layout: new ParameterLayout([
      matrix(ABSENT_ITEM, [2, rowWidth], 'zero'),
      ...model.matrices(batchFieldShape(model, width)),
    ]),
    rowWidth,
    outputBiases: [model.outputBias],
    sourceWeight: 1,
    start: {},
    lasso: null,
    logit: (tape, parameters, embeddings, embedded) =>
      model.logit(tape, parameters, batchFields(tape, model, width, parameters, embeddings, embedded)),
  };
}

function bindCross(model: CrossDomainModel, width: number): BoundModel {
  const { outputBiases, sourceWeight, start, lasso } = model;
  return {
    layout: new ParameterLayout(model.matrices(width)),
    rowWidth: width,
    outputBiases,
    sourceWeight,
    start,
    lasso,
    logit(tape, parameters, embeddings, embedded) {
      const { batch } = embedded;
      const { target, source } = model.logits(tape, parameters, batchPairs(tape, embeddings, embedded));
      // only the tower of the row's own domain has a loss
      const own = (logit: typeof target, code: number) =>
        maskWith(tape, logit, tape.ops.upload(domainMask(batch, code), batch.size, 1)); // [B,1]
      return add(tape, own(target, DOMAIN_CODE.target), own(source, DOMAIN_CODE.source));
    },
  };
}

function forward<T>(ops: Ops<T>, bound: BoundModel, flat: FloatArray, embedded: EmbeddedRows): ForwardPass {
  const { size, offset } = embedded.batch;
  const tape = new Tape(ops, true);
  const parameters = new DeviceParameters(tape, bound.layout, flat);
  const embeddings = tape.leaf(ops.upload(embedded.embeddings, embedded.embeddingRows, bound.rowWidth));
  const output = bound.logit(tape, parameters, embeddings, embedded);
  const logit = ops.download(output.value, new Float64Array(size));
  for (let i = 0; i < size; i++) logit[i]! += offset[i]!;
  return {
    logit,
    products: null,
    interest: null,
    backward(dLogit, _dProducts, denseGradient, embeddingGradient) {
      tape.accumulate(output, ops.upload(dLogit, size, 1));
      tape.backward();
      parameters.downloadGradients(denseGradient);
      if (embeddings.gradient === null) embeddingGradient.fill(0);
      else ops.download(embeddings.gradient, embeddingGradient);
    },
  };
}

/** [B] instance weights, those of source rows times `sourceWeight`. */
function lossWeights({ weight, domain }: Pick<SampleBatch, 'weight' | 'domain'>, sourceWeight: number): Float64Array {
  return Float64Array.from(weight, (w, i) => (domain[i] === DOMAIN_CODE.source ? w * sourceWeight : w));
}

function logits<T>(ops: Ops<T>, bound: BoundModel, flat: FloatArray, embedded: EmbeddedRows): Float32Array {
  const { batch } = embedded;
  const result = new Float32Array(batch.size);
  ops.scope(() => {
    const tape = new Tape(ops, false);
    const parameters = new DeviceParameters(tape, bound.layout, flat);
    const embeddings = tape.constant(ops.upload(embedded.embeddings, embedded.embeddingRows, bound.rowWidth));
    ops.download(bound.logit(tape, parameters, embeddings, embedded).value, result);
  });
  for (let i = 0; i < result.length; i++) result[i]! += batch.offset[i]!;
  return result;
}

/** Shrinks towards 0 by `by` and to exactly 0 below it: the proximal step of by |w|. */
function softThreshold(w: FloatArray, by: number): void {
  for (let i = 0; i < w.length; i++) w[i] = Math.sign(w[i]!) * Math.max(Math.abs(w[i]!) - by, 0);
}
