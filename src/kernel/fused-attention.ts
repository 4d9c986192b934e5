import { type AttentionGrad, type AttentionInput, type AttentionOutput, bug } from '../core/index.js';
import { expectShape, type FusedMatrix, roundUp } from './matrix.js';
import { longestList, type Workspace } from './workspace.js';

/** `saved`: [relu(W x)], [N, d rounded up to 4]. */
export function attention(workspace: Workspace, input: AttentionInput<FusedMatrix>): AttentionOutput<FusedMatrix> {
  const { items, history, q, p, W, h } = input;
  const n = q.rows;
  const d = q.cols;
  expectAttention(input);
  longestList('attention', history, n);
  const padded = roundUp(d);
  const pooled = workspace.make(n, d);
  const beta = workspace.make(history.items.length, 1);
  const active = workspace.make(history.items.length, padded);
  const mark = workspace.arena.top;
  const splits = workspace.integers(history.splits);
  const list = workspace.rowNumbers('attention', history.items, items.rows);
  const scratch = workspace.arena.allocate(4 * (5 * d + n + 1) * padded);
  workspace.kernel.attention(
    items.pointer,
    splits,
    list,
    q.pointer,
    p.pointer,
    W.pointer,
    h.pointer,
    active.pointer,
    beta.pointer,
    pooled.pointer,
    n,
    d,
    scratch,
  );
  workspace.arena.top = mark;
  return { pooled, beta, saved: [active] };
}

export function attentionGrad(
  workspace: Workspace,
  input: AttentionInput<FusedMatrix>,
  output: AttentionOutput<FusedMatrix>,
  dPooled: FusedMatrix,
): AttentionGrad<FusedMatrix> {
  const { items, history, q, p, W, h } = input;
  const n = q.rows;
  const d = q.cols;
  expectAttention(input);
  expectShape('attentionGrad', dPooled, n, d);
  const longest = longestList('attentionGrad', history, n);
  const padded = roundUp(d);
  const active = output.saved[0] ?? bug('attentionGrad: nothing saved');
  const dItems = workspace.zeros(items.rows, d);
  const dq = workspace.make(n, d);
  const dp = workspace.make(n, d);
  const dW = workspace.make(d, 4 * d);
  const dh = workspace.make(1, d);
  const mark = workspace.arena.top;
  const splits = workspace.integers(history.splits);
  const list = workspace.rowNumbers('attentionGrad', history.items, items.rows);
  const scratch = workspace.arena.allocate(4 * (5 * d + n + 3 * longest + 2) * padded);
  workspace.kernel.attentionGrad(
    items.pointer,
    splits,
    list,
    q.pointer,
    p.pointer,
    W.pointer,
    h.pointer,
    active.pointer,
    output.beta.pointer,
    dPooled.pointer,
    dItems.pointer,
    dq.pointer,
    dp.pointer,
    dW.pointer,
    dh.pointer,
    n,
    d,
    longest,
    scratch,
  );
  workspace.arena.top = mark;
  return { dItems, dq, dp, dW, dh };
}

function expectAttention(input: AttentionInput<FusedMatrix>): void {
  const { items, q, p, W, h } = input;
  const d = q.cols;
  expectShape('attention items', items, items.rows, d);
  expectShape('attention p', p, q.rows, d);
  expectShape('attention W', W, d, 4 * d);
  expectShape('attention h', h, 1, d);
}
