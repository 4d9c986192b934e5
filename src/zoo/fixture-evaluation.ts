import type { FloatArray, Ops, Ragged } from '../core/index.js';
import { DeviceParameters } from '../model/device-parameters.js';
import { add, bag, gather } from '../model/layers.js';
import { ParameterLayout } from '../model/parameter-layout.js';
import { Tape, type TapeNode } from '../model/tape.js';
import { baseline } from './baselines.js';
import type { CrossDomainModel } from './cross-domain.js';
import { fixtureOptions, kindOf, type ModelConfig } from './fixture-config.js';
import { countStitches, type FixtureTensors, fixturePlaces, readPlaces } from './fixture-weights.js';
import { labelLoss } from './label-loss.js';
import { slice } from './layers.js';
import type { SingleDomainModel } from './single-domain.js';

/** A `model_*.json`. Ids count from 1; 0 is no item and reads as zero. */
export interface ModelFixture {
  readonly config: ModelConfig;
  readonly weights: FixtureTensors;
  readonly inputs: FixtureTensors;
  readonly outputs: FixtureTensors;
  readonly loss: number;
  readonly grads: FixtureTensors;
}

/** What a fixture says and what an engine makes of it, number by number. */
export interface FixtureComparison {
  readonly outputs: readonly ComparedNumbers[];
  readonly gradients: readonly ComparedNumbers[];
}

export interface ComparedNumbers {
  readonly name: string;
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
}

/**
 * Runs the fixture's model forward and back on an engine.
 *
 * @returns null for a model that the zoo does not have
 * @throws RangeError where the fixture's weights or inputs are not those of its model
 */
export function evaluateFixture<T>(fixture: ModelFixture, ops: Ops<T>): FixtureComparison | null {
  const kind = kindOf(fixture.config.model);
  if (kind === null) return null;
  const stitches = kind === 'csn' ? countStitches(fixture.weights) : 0;
  const chosen = baseline(fixtureOptions(kind, fixture.config, stitches));
  let compared: FixtureComparison | undefined;
  ops.scope(() => {
    compared =
      chosen.form === 'single-domain'
        ? evaluateSingle(fixture, ops, chosen.model)
        : evaluateCross(fixture, ops, chosen.model);
  });
  return compared!;
}

function evaluateSingle<T>(fixture: ModelFixture, ops: Ops<T>, model: SingleDomainModel): FixtureComparison {
  const { config, weights, inputs } = fixture;
  const fields = numbers(inputs, 'fields');
  const [B, F] = shape2(inputs, 'fields');
  const d = config.d;
  const columns = [
    ...(model.embedded ? [{ name: 'emb', width: d }] : []),
    ...(model.firstOrder ? [{ name: 'lin.w', width: 1 }] : []),
  ];
  const table = sideBySide(columns.map(({ name, width }) => ({ data: numbers(weights, name), width })));
  const bench = new Bench(
    fixture,
    ops,
    model.matrices({ fields: F, width: d, attentions: model.attends ? ['att'] : [] }),
  );
  const { tape, parameters } = bench;
  const rows = bench.leaf(table.data, table.rows, table.width); // [V,columns]
  const picked = Array.from({ length: F }, (_, f) =>
    gather(
      tape,
      rows,
      Int32Array.from({ length: B }, (_, i) => fields[i * F + f]!),
    ),
  ); // F of [B,columns]
  const embedded = model.embedded ? picked.map((x) => slice(tape, x, 0, d)) : [];
  const firstOrder = () => picked.map((x) => slice(tape, x, table.width - 1, 1)).reduce((a, b) => add(tape, a, b));
  const logit = model.logit(tape, parameters, {
    fields: embedded,
    firstOrder: model.firstOrder ? firstOrder() : null,
    histories: model.attends
      ? [
          {
            attention: 'att',
            items: rows,
            positions: histories(inputs, 'seq', 0),
            candidate: embedded[config.itemField ?? 0]!,
          },
        ]
      : [],
  });
  const loss = bench.addLoss(logit, numbers(inputs, 'label'), new Float64Array(B).fill(1));
  const gradient = bench.backward(rows);
  return {
    outputs: [bench.output('logit', logit), bench.loss(loss)],
    gradients: [
      ...bench.denseGradients(null),
      ...columns.map(({ name }, c) => bench.gradient(name, column(gradient, table, c))),
    ],
  };
}

function evaluateCross<T>(fixture: ModelFixture, ops: Ops<T>, model: CrossDomainModel): FixtureComparison {
  const { config, weights, inputs } = fixture;
  const tables = ['emb.user', 'emb.itemT', 'emb.itemS'] as const;
  const sizes = tables.map((name) => shape2(weights, name)[0]);
  const [firstT, firstS] = [sizes[0]!, sizes[0]! + sizes[1]!];
  const bench = new Bench(fixture, ops, model.matrices(config.d));
  const { tape, parameters } = bench;
  const stacked = Float64Array.from(tables.flatMap((name) => [...numbers(weights, name)]));
  const rows = bench.leaf(stacked, stacked.length / config.d, config.d); // [V,d]
  const one = (name: string, first: number) => bag(tape, rows, histories(inputs, name, first), 'sum'); // [B,d]
  const { target, source } = model.logits(tape, parameters, {
    user: one('user', 0),
    itemT: one('itemT', firstT),
    itemS: one('itemS', firstS),
    items: rows,
    histT: histories(inputs, 'histT', firstT),
    histS: histories(inputs, 'histS', firstS),
  });
  const sourceWeights = numbers(inputs, 'maskS').map((mask) => mask * model.sourceWeight);
  const loss =
    bench.addLoss(target, numbers(inputs, 'labelT'), numbers(inputs, 'maskT')) +
    bench.addLoss(source, numbers(inputs, 'labelS'), sourceWeights) +
    bench.lasso(model.lasso);
  const gradient = bench.backward(rows);
  let at = 0;
  return {
    outputs: [bench.output('logitT', target), bench.output('logitS', source), bench.loss(loss)],
    gradients: [
      ...bench.denseGradients(model.lasso),
      ...tables.map((name, k) => {
        const from = at;
        at += sizes[k]! * config.d;
        return bench.gradient(name, gradient.subarray(from, at));
      }),
    ],
  };
}

/** One forward and backward pass of a fixture's model with what is compared afterwards. */
class Bench<T> {
  readonly tape: Tape<T>;
  readonly parameters: DeviceParameters<T>;
  readonly #fixture: ModelFixture;
  readonly #layout: ParameterLayout;
  readonly #places: ReturnType<typeof fixturePlaces>;
  readonly #flat: Float64Array;

  constructor(fixture: ModelFixture, ops: Ops<T>, matrices: ConstructorParameters<typeof ParameterLayout>[0]) {
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

interface Columns {
  readonly data: Float64Array;
  readonly rows: number;
  readonly width: number;
  readonly widths: readonly number[];
}

/** Tables of one vocabulary as one matrix. */
function sideBySide(parts: readonly { readonly data: Float64Array; readonly width: number }[]): Columns {
  const rows = parts[0]!.data.length / parts[0]!.width;
  const widths = parts.map(({ width }) => width);
  const width = widths.reduce((sum, w) => sum + w, 0);
  const data = new Float64Array(rows * width);
  let start = 0;
  for (const part of parts) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < part.width; j++) data[i * width + start + j] = part.data[i * part.width + j]!;
    }
    start += part.width;
  }
  return { data, rows, width, widths };
}

/** The part of a matrix that belongs to table c. */
function column(matrix: Float64Array, { rows, width, widths }: Columns, c: number): Float64Array {
  const start = widths.slice(0, c).reduce((sum, w) => sum + w, 0);
  const own = widths[c]!;
  return Float64Array.from({ length: rows * own }, (_, k) => matrix[Math.floor(k / own) * width + start + (k % own)]!);
}

/** Lists of ids padded with 0, [B] or [B,L], as lists of rows from `first` on. */
function histories(inputs: FixtureTensors, name: string, first: number): Ragged {
  const ids = numbers(inputs, name);
  const B = inputs[name]!.shape[0]!;
  const L = ids.length / B;
  const splits = new Int32Array(B + 1);
  const items: number[] = [];
  for (let i = 0; i < B; i++) {
    for (let l = 0; l < L; l++) if (ids[i * L + l] !== 0) items.push(first + ids[i * L + l]!);
    splits[i + 1] = items.length;
  }
  return { splits, items: Int32Array.from(items) };
}

function numbers(tensors: FixtureTensors, name: string): Float64Array {
  const found = tensors[name];
  if (found === undefined) throw new RangeError(`fixture has no ${name}`);
  return Float64Array.from(found.data);
}

function shape2(tensors: FixtureTensors, name: string): readonly [number, number] {
  const [rows, cols] = tensors[name]?.shape ?? [];
  if (rows === undefined || cols === undefined) throw new RangeError(`fixture has no matrix ${name}`);
  return [rows, cols];
}
