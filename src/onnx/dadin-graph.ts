import type { NamedTensor, ServingTable } from '../core/index.js';
import { type ModelOptions, modelParts } from '../model/model-options.js';
import { GraphBuilder } from './graph-builder.js';
import { ELEMENT, type GraphProto } from './onnx-schema.js';

/** What scoring reads of a version besides its statistics and linear weights, whose results are inputs of the graph. */
export interface GraphParts {
  readonly model: ModelOptions;
  readonly hasOffset: boolean;
  /** Added to every logit for negatives that were left out while learning. */
  readonly correction: number;
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly embedding: ServingTable;
}

/** Added to the score of a place without an item, so that nothing of it is left behind the softmax. */
const NOWHERE = -1e30;
const MAX_INTEREST_EXPONENT = 15;

/**
 * DADIN's scoring pass (algorithm A.1) as an ONNX graph, B impressions at once. Feature ids come in as they are, lists filled
 * up with 0, which no feature has: ids without a row and 0 read row 0, which is zero.
 */
export function dadinGraph(parts: GraphParts): GraphProto {
  const b = new GraphBuilder();
  const { model } = parts;
  const { width } = model;
  const present = modelParts(model);
  const weights = (name: string) => weightsOf(b, parts, name);
  const user = b.input('user', ELEMENT.int64, ['B', 'U'], 'feature ids of the user');
  const item = b.input('item', ELEMENT.int64, ['B', 'F'], 'feature ids of the candidate, its own first');
  const history = (name: string, size: string) =>
    b.input(
      name,
      ELEMENT.int64,
      ['B', size, `${size}F`],
      'feature ids of clicked items, oldest first; 0 where none is',
    );
  const histories = { t: history('historyTarget', 'T'), s: history('historySource', 'S') };
  const statistics =
    model.denseWidth === 0
      ? null
      : b.input('statistics', ELEMENT.float32, ['B', model.denseWidth], 'click statistics, as the learner has them');
  const offset = parts.hasOffset ? b.input('offset', ELEMENT.float32, ['B', 1], "the linear part's logit") : null;

  const [p, q, clickedT, clickedS] = embedded(b, parts, [user, item, histories.t, histories.s]) as Four; // [B,d], [B,d], [B,T,d]
  const pool = (name: 't' | 's', items: string) => {
    const isThere = mask(b, histories[name]); // [B,T]
    return present.attention
      ? attention(b, { items, isThere, q, p, W: weights(`att.${name}.W`), h: weights(`att.${name}.h`) })
      : mean(b, items, isThere);
  };
  const blocks = [q, p, pool('t', clickedT), pool('s', clickedS)]; // [B,d] each
  const z4 = b.node('Concat', blocks, { axis: 1 }); // [B,4d]
  const scaled = present.interest
    ? blocks.map((block, k) =>
        k === 0 ? block : b.node('Mul', [block, interest(b, model, weights, z4, 'uts'[k - 1]!)]),
      )
    : blocks;
  const z = present.biInteraction ? biInteraction(b, scaled, biScales(parts)) : b.node('Concat', scaled, { axis: 1 });
  const extra = [statistics, model.offsetInput ? offset : null].filter((input) => input !== null);
  const input = extra.length === 0 ? z : b.node('Concat', [z, ...extra], { axis: 1 });

  const layer = (x: string, name: string, suffix = '') =>
    b.node('Add', [b.node('MatMul', [x, weights(`${name}W${suffix}`)]), weights(`${name}b${suffix}`)]);
  const network = (x: string, name: string) =>
    model.hidden.reduce((y, _, i) => {
      const sum = layer(y, `${name}.${i}.`);
      return i < model.hidden.length - 1 || model.lastActivation === 'act' ? b.node('Relu', [sum]) : sum;
    }, x);
  const hSpec = present.dnn ? network(input, 'dnn') : input;
  const h = present.domainAgnostic ? b.node('Add', [network(hSpec, 'da'), hSpec]) : hSpec;
  let logit = layer(layer(h, 'pred.', '1'), 'pred.', '2'); // [B,1]
  if (offset !== null) logit = b.node('Add', [logit, offset]);
  if (parts.correction !== 0) logit = b.node('Add', [logit, b.float(parts.correction)]);
  const flat = b.node('Squeeze', [logit, b.integers(1)]);
  b.output(flat, 'logit', ['B'], 'higher is likelier');
  b.output(b.node('Sigmoid', [flat]), 'probability', ['B'], 'of a click');
  return b.graph(`dadin-${width}`);
}

type Four = [string, string, string, string];

/** Of each list of ids [..., n] the sum of its rows [..., d]. One look-up for all: it holds every id. */
function embedded(
  b: GraphBuilder,
  { embedding: { ids, columns }, model: { width } }: GraphParts,
  lists: readonly string[],
): string[] {
  const rows = new Float32Array((ids.length + 1) * width);
  rows.set(columns[0]!.data as Float32Array, width);
  const table = b.floats('embedding', [ids.length + 1, width], rows);
  const places = { keys_int64s: Array.from(ids), values_int64s: Array.from(ids, (_, i) => i + 1), default_int64: 0 };
  const flat = lists.map((list) => b.node('Reshape', [list, b.integers(-1)]));
  const sizes = b.node(
    'Concat',
    flat.map((list) => b.node('Shape', [list])),
    { axis: 0 },
  );
  const all = b.learningNode('LabelEncoder', [b.node('Concat', flat, { axis: 0 })], places);
  return b.nodeOf(lists.length, 'Split', [all, sizes], { axis: 0 }).map((found, k) => {
    const rowsOf = b.node('Gather', [table, b.node('Reshape', [found, b.node('Shape', [lists[k]!])])], { axis: 0 });
    return b.node('ReduceSum', [rowsOf, b.integers(-2)], { keepdims: 0 });
  });
}

/** [B,T,F] -> [B,T]: 1 where an item is, 0 where the list is filled up. */
function mask(b: GraphBuilder, history: string): string {
  const own = b.node('ReduceMax', [history], { axes: [2], keepdims: 0 });
  return b.node('Cast', [b.node('Greater', [own, b.integers(0)])], { to: ELEMENT.float32 });
}

interface AttentionParts {
  /** [B,T,d] */
  readonly items: string;
  /** [B,T] */
  readonly isThere: string;
  readonly q: string;
  readonly p: string;
  readonly W: string;
  readonly h: string;
}

function attention(b: GraphBuilder, { items, isThere, q, p, W, h }: AttentionParts): string {
  const shape = b.node('Shape', [items]);
  const everywhere = (x: string) => b.node('Expand', [b.node('Unsqueeze', [x, b.integers(1)]), shape]); // [B,T,d]
  const [qs, ps] = [everywhere(q), everywhere(p)];
  const x = b.node('Concat', [items, qs, ps, b.node('Mul', [items, qs])], { axis: 2 }); // [B,T,4d]
  const hidden = b.node('Relu', [b.node('MatMul', [x, W])]); // [B,T,d]
  const scores = b.node('Squeeze', [b.node('MatMul', [hidden, h]), b.integers(2)]); // [B,T]
  const away = b.node('Mul', [b.node('Sub', [b.float(1), isThere]), b.float(NOWHERE)]);
  const shares = b.node('Softmax', [b.node('Add', [scores, away])], { axis: 1 });
  return weighted(b, items, b.node('Mul', [shares, isThere]));
}

function mean(b: GraphBuilder, items: string, isThere: string): string {
  const count = b.node('ReduceSum', [isThere, b.integers(1)], { keepdims: 1 }); // [B,1]
  return weighted(b, items, b.node('Div', [isThere, b.node('Max', [count, b.float(1)])]));
}

/** items [B,T,d], shares [B,T] -> [B,d] */
function weighted(b: GraphBuilder, items: string, shares: string): string {
  const product = b.node('MatMul', [b.node('Unsqueeze', [shares, b.integers(1)]), items]); // [B,1,d]
  return b.node('Squeeze', [product, b.integers(1)]);
}

/** One of v_u, v_t, v_s [B,1]. */
function interest(
  b: GraphBuilder,
  { interestBias }: ModelOptions,
  weights: (name: string) => string,
  z4: string,
  k: string,
): string {
  const hidden = b.node('Relu', [b.node('MatMul', [z4, weights(`int.${k}.V`)])]);
  const activation = b.node('MatMul', [hidden, weights(`int.${k}.g`)]);
  const bias = weights(`int.${k}.b`);
  const bounded = (x: string) => b.node('Exp', [b.node('Min', [x, b.float(MAX_INTEREST_EXPONENT)])]);
  return interestBias === 'outside'
    ? b.node('Add', [bounded(activation), bias])
    : bounded(b.node('Add', [activation, bias]));
}

/** ((sum of c m)^2 - sum of (c m)^2) / 2 over the four blocks. */
function biInteraction(b: GraphBuilder, blocks: readonly string[], scales: readonly number[]): string {
  const scaled = blocks.map((block, k) => b.node('Mul', [block, b.float(scales[k]!)]));
  const sum = scaled.reduce((x, y) => b.node('Add', [x, y]));
  const squares = scaled.map((x) => b.node('Mul', [x, x])).reduce((x, y) => b.node('Add', [x, y]));
  return b.node('Mul', [b.node('Sub', [b.node('Mul', [sum, sum]), squares]), b.float(0.5)]);
}

function biScales({ tensors }: GraphParts): number[] {
  return Array.from(tensors.get('bi.c')!.data);
}

/** A weight matrix [out, in] as [in, out], for x W; a vector as a column, a bias as it is. */
function weightsOf(b: GraphBuilder, { tensors }: GraphParts, name: string): string {
  const { shape, data } = tensors.get(name)!;
  const floats = data as Float32Array;
  const isBias = /\.b\d?$/.test(name);
  if (isBias) return b.floats(name, shape, floats);
  const [rows, columns] = shape.length === 1 ? [1, shape[0]!] : (shape as [number, number]);
  const turned = new Float32Array(floats.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = floats[i * columns + j]!;
  return b.floats(name, [columns, rows], turned);
}
