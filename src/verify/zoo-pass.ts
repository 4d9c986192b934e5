import type { FloatArray, Ops } from '../core/index.js';
import { DeviceParameters } from '../model/device-parameters.js';
import { ParameterLayout, type ParameterMatrix } from '../model/parameter-layout.js';
import { Tape, type TapeNode } from '../model/tape.js';
import type { CrossDomainModel } from '../zoo/cross-domain.js';
import { labelLoss } from '../zoo/label-loss.js';
import type { ZooFixture } from './zoo-inputs.js';
import { fixturePlaces, readPlaces } from './zoo-weights.js';

export interface ComparedNumbers {
  readonly name: string;
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
}

/** One forward and backward pass of a fixture's model with what is compared afterwards. */
export class ZooPass<T> {
  readonly tape: Tape<T>;
  readonly parameters: DeviceParameters<T>;
  readonly #fixture: ZooFixture;
  readonly #layout: ParameterLayout;
  readonly #places: ReturnType<typeof fixturePlaces>;
  readonly #flat: Float64Array;

  constructor(fixture: ZooFixture, ops: Ops<T>, matrices: readonly ParameterMatrix[]) {
    this.#fixture = fixture;
    this.#layout = new ParameterLayout(matrices);
    this.#places = fixturePlaces(this.#layout, fixture.weights);
    this.#flat = readPlaces(this.#layout, this.#places, fixture.weights, new Float64Array(this.#layout.length));
    this.tape = new Tape(ops, true);
    this.parameters = new DeviceParameters(this.tape, this.#layout, this.#flat);
  }

  leaf(data: FloatArray, rows: number, cols: number): TapeNode<T> {
    return this.tape.leaf(this.tape.ops.upload(data, rows, cols));
  }

  addLoss(logit: TapeNode<T>, label: ArrayLike<number>, weight: ArrayLike<number>): number {
    const { ops } = this.tape;
    const { total, dLogit } = labelLoss(this.#download(logit.value), label, weight);
    this.tape.accumulate(logit, ops.upload(dLogit, dLogit.length, 1));
    return total;
  }

  lasso(lasso: CrossDomainModel['lasso']): number {
    let sum = 0;
    for (const key of lasso?.keys ?? []) for (const w of this.#layout.view(this.#flat, key)) sum += Math.abs(w);
    return sum * (lasso?.strength ?? 0);
  }

  /** Gradient of the table. */
  backward(table: TapeNode<T>): Float64Array {
    this.tape.backward();
    const [rows, cols] = this.tape.ops.shape(table.value);
    return table.gradient === null ? new Float64Array(rows * cols) : this.#download(table.gradient);
  }

  output(name: string, logit: TapeNode<T>): ComparedNumbers {
    return { name, actual: this.#download(logit.value), expected: this.#fixture.outputs[name]?.data ?? [] };
  }

  loss(loss: number): ComparedNumbers {
    return { name: 'loss', actual: [loss], expected: [this.#fixture.loss] };
  }

  gradient(name: string, actual: ArrayLike<number>): ComparedNumbers {
    return { name: `grads.${name}`, actual, expected: this.#fixture.grads[name]?.data ?? [] };
  }

  /** The fixture has the lasso's sub-gradient, which training takes as a proximal step. */
  denseGradients(lasso: CrossDomainModel['lasso']): ComparedNumbers[] {
    const actual = new Float64Array(this.#layout.length);
    this.parameters.downloadGradients(actual);
    for (const key of lasso?.keys ?? []) {
      const weights = this.#layout.view(this.#flat, key);
      const view = this.#layout.view(actual, key);
      for (let i = 0; i < view.length; i++) view[i]! += lasso!.strength * Math.sign(weights[i]!);
    }
    const expected = readPlaces(this.#layout, this.#places, this.#fixture.grads, new Float64Array(this.#layout.length));
    return this.#layout.matrices.map(({ key }) => ({
      name: `grads.${key}`,
      actual: this.#layout.view(actual, key),
      expected: this.#layout.view(expected, key),
    }));
  }

  #download(x: T): Float64Array {
    const [rows, cols] = this.tape.ops.shape(x);
    return this.tape.ops.download(x, new Float64Array(rows * cols));
  }
}
