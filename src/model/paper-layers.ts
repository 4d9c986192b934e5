import type { AttentionInput, InterestInput, Ragged } from '../core/index.js';
import type { Tape, TapeNode } from './tape.js';

/** Item attention, paper equations 2 and 3. Weights W [d,4d], h [1,d]; see `AttentionInput`. */
export function attend<T>(
  tape: Tape<T>,
  items: TapeNode<T>,
  history: Ragged,
  q: TapeNode<T>,
  p: TapeNode<T>,
  W: TapeNode<T>,
  h: TapeNode<T>,
): { readonly pooled: TapeNode<T>; readonly beta: T } {
  const { ops } = tape;
  const input: AttentionInput<T> = { items: items.value, history, q: q.value, p: p.value, W: W.value, h: h.value };
  const output = ops.attention(input);
  const pooled = tape.layer(output.pooled, [items, q, p, W, h], (dPooled) => {
    const gradient = ops.attentionGrad(input, output, dPooled);
    tape.accumulate(items, gradient.dItems);
    tape.accumulate(q, gradient.dq);
    tape.accumulate(p, gradient.dp);
    tape.accumulate(W, gradient.dW);
    tape.accumulate(h, gradient.dh);
  });
  return { pooled, beta: output.beta };
}

/** Interest weights v [B,3], paper equations 5 and 6. z4 [B,4d], V [3d,4d], g [3,d], b [1,3]. */
export function interestWeights<T>(
  tape: Tape<T>,
  z4: TapeNode<T>,
  V: TapeNode<T>,
  g: TapeNode<T>,
  b: TapeNode<T>,
  bias: InterestInput<T>['bias'],
): TapeNode<T> {
  const { ops } = tape;
  const input: InterestInput<T> = { z4: z4.value, V: V.value, g: g.value, b: b.value, bias };
  const output = ops.interest(input);
  return tape.layer(output.weights, [z4, V, g, b], (dWeights) => {
    const gradient = ops.interestGrad(input, output, dWeights);
    tape.accumulate(z4, gradient.dz4);
    tape.accumulate(V, gradient.dV);
    tape.accumulate(g, gradient.dg);
    tape.accumulate(b, gradient.db);
  });
}

/** m = [q | v_u p | v_t a | v_s b]: z4 [B,4d], v [B,3] -> [B,4d]. */
export function scaleBlocks<T>(tape: Tape<T>, z4: TapeNode<T>, v: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  return tape.layer(ops.scaleBlocks(z4.value, v.value), [z4, v], (dm) => {
    const { dz4, dv } = ops.scaleBlocksGrad(z4.value, v.value, dm);
    tape.accumulate(z4, dz4);
    tape.accumulate(v, dv);
  });
}

/** Bi-interaction pooling, paper equation 7: m [B,4d], c [1,4] -> [B,d]. */
export function biInteraction<T>(tape: Tape<T>, m: TapeNode<T>, c: TapeNode<T>): TapeNode<T> {
  const { ops } = tape;
  return tape.layer(ops.biInteraction(m.value, c.value), [m, c], (dz) => {
    const { dm, dc } = ops.biInteractionGrad(m.value, c.value, dz);
    tape.accumulate(m, dm);
    tape.accumulate(c, dc);
  });
}
