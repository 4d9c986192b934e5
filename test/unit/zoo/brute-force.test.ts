import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { DeviceParameters } from '../../../src/model/device-parameters.js';
import { ParameterLayout, type ParameterMatrix } from '../../../src/model/parameter-layout.js';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { Tape } from '../../../src/model/tape.js';
import { compressedInteraction, interactionMatrices } from '../../../src/zoo/compressed-interaction.js';
import { deepInterest } from '../../../src/zoo/deep-interest.js';
import { multiView } from '../../../src/zoo/multi-view.js';

type Matrix = number[][];

const ops = createReferenceOps();
const random = new SeededRandom(3, 'brute force');
const draw = (rows: number, cols: number): Matrix =>
  Array.from({ length: rows }, () => Array.from({ length: cols }, () => random.normal()));

/** Random parameters, and the same as rows of numbers. */
function parametersOf(matrices: readonly ParameterMatrix[]) {
  const layout = new ParameterLayout(matrices);
  const flat = Float64Array.from({ length: layout.length }, () => random.normal());
  const tape = new Tape(ops, false);
  const rows = (key: string): Matrix => {
    const { rows: n, cols } = layout.get(key);
    return Array.from({ length: n }, (_, i) => [...layout.view(flat, key).slice(i * cols, (i + 1) * cols)]);
  };
  const node = (x: Matrix) => tape.constant(ops.upload(Float64Array.from(x.flat()), x.length, x[0]!.length));
  return { tape, parameters: new DeviceParameters(tape, layout, flat), rows, node };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const relu = (x: number) => Math.max(x, 0);
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Layers name.0, name.1, ... of one row. */
function mlp(
  rows: (key: string) => Matrix,
  name: string,
  x: readonly number[],
  activations: readonly ((x: number) => number)[],
): number[] {
  return activations.reduce<number[]>(
    (y, act, k) => rows(`${name}.${k}.W`).map((w, j) => act(dot(w, y) + rows(`${name}.${k}.b`)[0]![j]!)),
    [...x],
  );
}

const identity = (x: number) => x;
const mean = (list: readonly (readonly number[])[], d: number) =>
  Array.from({ length: d }, (_, j) => (list.length === 0 ? 0 : list.reduce((s, r) => s + r[j]!, 0) / list.length));

const HISTORIES = [[0, 1, 2], [], [3, 3], [4]];
const ragged = {
  splits: Int32Array.from([0, 3, 3, 5, 6]),
  items: Int32Array.from(HISTORIES.flat()),
};

describe('layers written as loops agree', () => {
  it.each([
    ['FuxiCTR', { maps: [4, 3], activation: 'linear', split: false }],
    ['DeepCTR', { maps: [4, 6, 2], activation: 'relu', split: true }],
  ] as const)('compressed interaction network of %s', (_, options) => {
    const [B, F, d] = [4, 3, 2];
    const fields = Array.from({ length: F }, () => draw(B, d));
    const { tape, parameters, rows, node } = parametersOf(interactionMatrices(options, F));
    const got = compressedInteraction(tape, parameters, options, fields.map(node)).value.data;
    const act = options.activation === 'relu' ? relu : identity;
    for (let i = 0; i < B; i++) {
      const base = fields.map((field) => field[i]!);
      const out: number[] = [];
      let previous = base;
      options.maps.forEach((H, k) => {
        const maps = Array.from({ length: H }, (_u, h) =>
          Array.from({ length: d }, (_v, j) => {
            let sum = rows(`cin.${k}.b`)[0]![h]!;
            previous.forEach((x, a) => {
              base.forEach((x0, b) => {
                sum += rows(`cin.${k}.W`)[h]![a * F + b]! * x[j]! * x0[j]!;
              });
            });
            return act(sum);
          }),
        );
        const halved = options.split && k < options.maps.length - 1;
        previous = halved ? maps.slice(0, H / 2) : maps;
        for (const map of halved ? maps.slice(H / 2) : maps) out.push(map.reduce((a, b) => a + b));
      });
      expect(got[i]).toBeCloseTo(dot(rows('cin.out')[0]!, out), 10);
    }
  });

  it.each([false, true])('DIN (softmax: %s)', (softmax) => {
    const [B, d] = [4, 3];
    const [user, q, items] = [draw(B, d), draw(B, d), draw(5, d)];
    const model = deepInterest([4], { attentionHidden: [3], softmax });
    const { tape, parameters, rows, node } = parametersOf(model.matrices({ fields: 2, width: d, attentions: ['att'] }));
    const candidate = node(q);
    const got = model.logit(tape, parameters, {
      fields: [node(user), candidate],
      firstOrder: null,
      histories: [{ attention: 'att', items: node(items), positions: ragged, candidate }],
    }).value.data;
    HISTORIES.forEach((history, i) => {
      const scores = history.map((item) => {
        const r = items[item]!;
        const x = [...q[i]!, ...r, ...q[i]!.map((v, j) => v - r[j]!), ...q[i]!.map((v, j) => v * r[j]!)];
        return mlp(rows, 'att', x, [sigmoid, identity])[0]!;
      });
      const exps = scores.map((s) => Math.exp(s / Math.sqrt(d)));
      const weights = softmax ? exps.map((e) => e / exps.reduce((a, b) => a + b)) : scores;
      const pooled = Array.from({ length: d }, (_, j) =>
        history.reduce((sum, item, l) => sum + weights[l]! * items[item]![j]!, 0),
      );
      const expected = mlp(rows, 'dnn', [...user[i]!, ...q[i]!, ...pooled], [relu, identity])[0]!;
      expect(got[i]).toBeCloseTo(expected, 10);
    });
  });

  it('MV-DNN', () => {
    const [B, d] = [4, 3];
    const [user, itemT, itemS, items] = [draw(B, d), draw(B, d), draw(B, d), draw(5, d)];
    const model = multiView([4, 2]);
    const { tape, parameters, rows, node } = parametersOf(model.matrices(d));
    const none = { splits: new Int32Array(B + 1), items: new Int32Array(0) };
    const logits = model.logits(tape, parameters, {
      user: node(user),
      itemT: node(itemT),
      itemS: node(itemS),
      items: node(items),
      histT: ragged,
      histS: none,
    });
    for (let i = 0; i < B; i++) {
      const clicks = HISTORIES[i]!.map((item) => items[item]!);
      const u = mlp(rows, 'u', [...user[i]!, ...mean(clicks, d), ...mean([], d)], [Math.tanh, Math.tanh]);
      for (const [name, item, logit] of [
        ['t', itemT, logits.target],
        ['s', itemS, logits.source],
      ] as const) {
        const v = mlp(rows, name, item[i]!, [Math.tanh, Math.tanh]);
        const cos = dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
        expect(logit.value.data[i]).toBeCloseTo(rows('gamma')[0]![0]! * cos + rows(`bias.${name}`)[0]![0]!, 10);
      }
    }
  });
});
