import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import type { FixtureTensor, FixtureTensors } from '../../../src/verify/dadin-fixture.js';
import { evaluateZooFixture } from '../../../src/verify/zoo-fixture.js';
import type { ZooFixture } from '../../../src/verify/zoo-inputs.js';

const CONET = JSON.parse(
  readFileSync(new URL('../../fixtures/model_conet.json', import.meta.url), 'utf8'),
) as ZooFixture;
const WITHOUT_H = Object.fromEntries(Object.entries(CONET.weights).filter(([name]) => !name.startsWith('H.')));

function logits(model: string, weights: FixtureTensors, config: Partial<ZooFixture['config']> = {}) {
  const compared = evaluateZooFixture(
    { ...CONET, config: { ...CONET.config, ...config, model }, weights, grads: weights },
    createReferenceOps(),
  );
  return compared!.outputs.slice(0, 2).map(({ actual }) => [...(actual as Float64Array)]);
}

const vector = (...data: number[]): FixtureTensor => ({ shape: [data.length], data });
const MLP = logits('mlp++', WITHOUT_H);

it('CoNet without cross layers is MLP++, whatever it is called and its outputs are numbered or not', () => {
  expect(logits('conet', WITHOUT_H, { crossLayers: 0, l1: 0 })).toEqual(MLP);
  const numbered = Object.fromEntries(
    Object.entries(WITHOUT_H).map(([name, tensor]) => [name.replace('.out.', '.2.'), tensor]),
  );
  expect(logits('MLPpp', numbered)).toEqual(MLP);
});

it.each<[string, (own: number, other: number) => FixtureTensors]>([
  ['a pair a layer', (s, d) => ({ 'alpha.0': vector(s, d), 'alpha.1': vector(s, d) })],
  ['one matrix', (s, d) => ({ alpha: { shape: [2, 2], data: [s, d, s, d] } })],
  ['two vectors', (s, d) => ({ alphaS: vector(s, s), alphaD: vector(d, d) })],
  ['two scalars a layer', (s, d) => ({ 'aS.0': vector(s), 'aD.0': vector(d), 'aS.1': vector(s), 'aD.1': vector(d) })],
  ['outputs too', (s, d) => ({ 'cs.0': vector(s, d), 'cs.1': vector(s, d), 'cs.2': vector(s, d) })],
])('cross-stitches as %s', (_, stitches) => {
  expect(logits('csn', { ...WITHOUT_H, ...stitches(1, 0) })).toEqual(MLP);
  expect(logits('csn', { ...WITHOUT_H, ...stitches(0.5, 0.5) })).not.toEqual(MLP);
});

it('a model that the zoo lacks is null, a weight that a model lacks or has too many is an error', () => {
  const other = { ...CONET, config: { ...CONET.config, model: 'ple' } };
  expect(evaluateZooFixture(other, createReferenceOps())).toBeNull();
  expect(() => logits('mlp++', CONET.weights)).toThrow('H.0');
  const { 't.0.W': _removed, ...rest } = WITHOUT_H;
  expect(() => logits('mlp++', rest)).toThrow('t.0.W');
});
