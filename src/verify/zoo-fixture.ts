import type { Ops } from '../core/index.js';
import { add, bag, gather } from '../model/layers.js';
import { baseline } from '../zoo/baselines.js';
import type { CrossDomainModel } from '../zoo/cross-domain.js';
import { slice } from '../zoo/layers.js';
import type { SingleDomainModel } from '../zoo/single-domain.js';
import { fixtureOptions, kindOf } from './zoo-config.js';
import { column, histories, numbers, shape2, sideBySide, type ZooFixture } from './zoo-inputs.js';
import { type ComparedNumbers, ZooPass } from './zoo-pass.js';
import { countStitches } from './zoo-weights.js';

/** What a fixture says and what an engine makes of it, number by number. */
export interface ZooComparison {
  readonly outputs: readonly ComparedNumbers[];
  readonly gradients: readonly ComparedNumbers[];
}

/**
 * Runs the fixture's model forward and back on an engine.
 *
 * @returns null for a model that the zoo does not have
 * @throws RangeError where the fixture's weights or inputs are not those of its model
 */
export function evaluateZooFixture<T>(fixture: ZooFixture, ops: Ops<T>): ZooComparison | null {
  const kind = kindOf(fixture.config.model);
  if (kind === null) return null;
  const stitches = kind === 'csn' ? countStitches(fixture.weights) : 0;
  const chosen = baseline(fixtureOptions(kind, fixture.config, stitches));
  let compared: ZooComparison | undefined;
  ops.scope(() => {
    compared =
      chosen.form === 'single-domain'
        ? evaluateSingle(fixture, ops, chosen.model)
        : evaluateCross(fixture, ops, chosen.model);
  });
  return compared!;
}

function evaluateSingle<T>(fixture: ZooFixture, ops: Ops<T>, model: SingleDomainModel): ZooComparison {
  const { config, weights, inputs } = fixture;
  const fields = numbers(inputs, 'fields');
  const [B, F] = shape2(inputs, 'fields');
  const d = config.d;
  const columns = [
    ...(model.embedded ? [{ name: 'emb', width: d }] : []),
    ...(model.firstOrder ? [{ name: 'lin.w', width: 1 }] : []),
  ];
  const table = sideBySide(columns.map(({ name, width }) => ({ data: numbers(weights, name), width })));
  const pass = new ZooPass(
    fixture,
    ops,
    model.matrices({ fields: F, width: d, attentions: model.attends ? ['att'] : [] }),
  );
  const { tape, parameters } = pass;
  const rows = pass.leaf(table.data, table.rows, table.width); // [V,columns]
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
  const loss = pass.addLoss(logit, numbers(inputs, 'label'), new Float64Array(B).fill(1));
  const gradient = pass.backward(rows);
  return {
    outputs: [pass.output('logit', logit), pass.loss(loss)],
    gradients: [
      ...pass.denseGradients(null),
      ...columns.map(({ name }, c) => pass.gradient(name, column(gradient, table, c))),
    ],
  };
}

function evaluateCross<T>(fixture: ZooFixture, ops: Ops<T>, model: CrossDomainModel): ZooComparison {
  const { config, weights, inputs } = fixture;
  const tables = ['emb.user', 'emb.itemT', 'emb.itemS'] as const;
  const sizes = tables.map((name) => shape2(weights, name)[0]);
  const [firstT, firstS] = [sizes[0]!, sizes[0]! + sizes[1]!];
  const pass = new ZooPass(fixture, ops, model.matrices(config.d));
  const { tape, parameters } = pass;
  const stacked = Float64Array.from(tables.flatMap((name) => [...numbers(weights, name)]));
  const rows = pass.leaf(stacked, stacked.length / config.d, config.d); // [V,d]
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
    pass.addLoss(target, numbers(inputs, 'labelT'), numbers(inputs, 'maskT')) +
    pass.addLoss(source, numbers(inputs, 'labelS'), sourceWeights) +
    pass.lasso(model.lasso);
  const gradient = pass.backward(rows);
  let at = 0;
  return {
    outputs: [pass.output('logitT', target), pass.output('logitS', source), pass.loss(loss)],
    gradients: [
      ...pass.denseGradients(model.lasso),
      ...tables.map((name, k) => {
        const from = at;
        at += sizes[k]! * config.d;
        return pass.gradient(name, gradient.subarray(from, at));
      }),
    ],
  };
}
