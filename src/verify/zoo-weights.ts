import type { FloatArray } from '../core/index.js';
import type { ParameterLayout } from '../model/parameter-layout.js';
import type { FixtureTensors } from './dadin-fixture.js';

/** Where in a fixture's tensors one number lies. */
interface Place {
  readonly name: string;
  readonly offset: number;
}

/** Tables of a fixture; all other weights are dense. */
const TABLES = ['emb', 'emb.user', 'emb.itemT', 'emb.itemS', 'lin.w'];

/** Pairs of cross-stitch weights (alpha_S, alpha_D) that a fixture has, whatever their names. */
export function countStitches(weights: FixtureTensors): number {
  return stitchNames(weights).reduce((count, name) => count + weights[name]!.data.length, 0) / 2;
}

/**
 * Names of a model's tensors as the fixture spells them: for each matrix of the layout, the place of each of its numbers.
 *
 * @throws RangeError where the fixture lacks a weight or has one that the model does not
 */
export function fixturePlaces(layout: ParameterLayout, weights: FixtureTensors): ReadonlyMap<string, Place[]> {
  const places = new Map<string, Place[]>();
  const used = new Set<string>();
  const ours = new Set(layout.matrices.flatMap(({ tensors }) => tensors));
  for (const { key, tensors, length } of layout.matrices) {
    const found = key.startsWith('stitch.')
      ? stitchPlaces(weights, Number(key.slice('stitch.'.length)))
      : tensors.flatMap((tensor) => {
          const name = spellings(tensor, ours).find((spelling) => weights[spelling] !== undefined);
          if (name === undefined) throw new RangeError(`fixture lacks ${tensor}`);
          return Array.from(weights[name]!.data, (_, offset) => ({ name, offset }));
        });
    if (found.length !== length)
      throw new RangeError(`${key} of the fixture has ${found.length} numbers, not ${length}`);
    places.set(key, found);
    for (const { name } of found) used.add(name);
  }
  const unread = Object.keys(weights).filter((name) => !TABLES.includes(name) && !used.has(name));
  if (unread.length > 0) throw new RangeError(`fixture has ${unread.join(', ')}, which the model does not`);
  return places;
}

/** Copies the fixture's numbers into a flat vector. */
export function readPlaces<A extends FloatArray>(
  layout: ParameterLayout,
  places: ReadonlyMap<string, readonly Place[]>,
  tensors: FixtureTensors,
  flat: A,
): A {
  for (const { key } of layout.matrices) {
    const view = layout.view(flat, key);
    places.get(key)!.forEach(({ name, offset }, i) => {
      view[i] = tensors[name]?.data[offset] ?? Number.NaN;
    });
  }
  return flat;
}

/** Names under which a fixture may have a tensor, ours first: an output layer is the last number or `out`. */
function spellings(tensor: string, ours: ReadonlySet<string>): string[] {
  const [head = '', middle = '', last = ''] = tensor.split('.');
  const names = [tensor];
  const number = /^\d+$/.test(middle);
  if (number || middle === 'out') {
    for (const other of [head, ...(HEADS[head] ?? [])]) {
      names.push(`${other}.${middle}.${last}`);
      if (number && !ours.has(`${head}.${Number(middle) + 1}.${last}`)) names.push(`${other}.out.${last}`);
      if (!number) names.push(`${other}.${layersOf(head, last, ours)}.${last}`);
    }
  }
  return [...names, ...(OTHER_NAMES[tensor] ?? [])];
}

/** Numbered layers of a network. */
function layersOf(head: string, last: string, ours: ReadonlySet<string>): number {
  let count = 0;
  while (ours.has(`${head}.${count}.${last}`)) count++;
  return count;
}

const HEADS: Readonly<Record<string, readonly string[]>> = {
  u: ['user', 'uv', 'userView'],
  t: ['itemT', 'target', 'vt'],
  s: ['itemS', 'source', 'vs'],
};

const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  gamma: ['scale', 'g'],
  'bias.t': ['biasT', 'bT', 'b.t', 't.bias', 'bias_t'],
  'bias.s': ['biasS', 'bS', 'b.s', 's.bias', 'bias_s'],
  'cin.out': ['cin.out.W'],
};

function stitchNames(weights: FixtureTensors): string[] {
  return Object.keys(weights).filter((name) => !TABLES.includes(name) && !/^[ts]\.(\d+|out)\.[Wb]$/.test(name));
}

/** alpha_S and alpha_D of a layer: of one tensor [layers,2], of a pair a layer, of two vectors, or of two scalars a layer. */
function stitchPlaces(weights: FixtureTensors, layer: number): Place[] {
  const names = stitchNames(weights);
  const [first] = names;
  if (names.length === 1) {
    return [0, 1].map((k) => ({ name: first!, offset: 2 * layer + k }));
  }
  const ofLayer = names.filter((name) => new RegExp(`(^|\\D)${layer}(\\D|$)`).test(name));
  const [pair] = ofLayer;
  if (ofLayer.length === 1 && weights[pair!]!.data.length === 2) {
    return [0, 1].map((offset) => ({ name: pair!, offset }));
  }
  const numbered = ofLayer.length > 0;
  const own = (numbered ? ofLayer : names).filter((name) => isOwn(name));
  const other = (numbered ? ofLayer : names).filter((name) => !isOwn(name));
  if (own.length !== 1 || other.length !== 1)
    throw new RangeError(`fixture's stitches ${names.join(', ')} are not known`);
  return [own[0]!, other[0]!].map((name) => ({ name, offset: numbered ? 0 : layer }));
}

/** alpha_S and not alpha_D, by the last of these letters. */
function isOwn(name: string): boolean {
  const letters = name.replace(/[^a-zA-Z]/g, '');
  return /(S|s|own|same)$/.test(letters);
}
