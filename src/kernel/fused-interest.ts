import { bug, type InterestGrad, type InterestInput, type InterestOutput } from '../core/index.js';
import { expectShape, type FusedMatrix, packedBytes, roundUp } from './matrix.js';
import type { Workspace } from './workspace.js';

/** `saved`: u [B,3d] and the weights' slopes [B,3]. */
export function interest(workspace: Workspace, input: InterestInput<FusedMatrix>): InterestOutput<FusedMatrix> {
  const { z4, V, g, b, bias } = input;
  const n = z4.rows;
  const d = g.cols;
  expectInterest(input);
  const u = workspace.make(n, 3 * d);
  const weights = workspace.make(n, 3);
  const slope = workspace.make(n, 3);
  const mark = workspace.arena.top;
  const scratch = workspace.arena.allocate(packedBytes(4 * d, 3 * d));
  workspace.kernel.interest(
    z4.pointer,
    V.pointer,
    g.pointer,
    b.pointer,
    +(bias === 'inside'),
    u.pointer,
    weights.pointer,
    slope.pointer,
    n,
    d,
    scratch,
  );
  workspace.arena.top = mark;
  return { weights, saved: [u, slope] };
}

export function interestGrad(
  workspace: Workspace,
  input: InterestInput<FusedMatrix>,
  output: InterestOutput<FusedMatrix>,
  dWeights: FusedMatrix,
): InterestGrad<FusedMatrix> {
  const { z4, V, g, bias } = input;
  const n = z4.rows;
  const d = g.cols;
  expectInterest(input);
  expectShape('interestGrad', dWeights, n, 3);
  const u = output.saved[0] ?? bug('interestGrad: nothing saved');
  const slope = output.saved[1] ?? bug('interestGrad: nothing saved');
  const dz4 = workspace.make(n, 4 * d);
  const dV = workspace.make(3 * d, 4 * d);
  const dg = workspace.make(3, d);
  const db = workspace.make(1, 3);
  const mark = workspace.arena.top;
  const scratch = workspace.arena.allocate(4 * roundUp(3 * d * n) + packedBytes(3 * d, 4 * d));
  workspace.kernel.interestGrad(
    z4.pointer,
    V.pointer,
    g.pointer,
    +(bias === 'inside'),
    u.pointer,
    slope.pointer,
    dWeights.pointer,
    dz4.pointer,
    dV.pointer,
    dg.pointer,
    db.pointer,
    n,
    d,
    scratch,
  );
  workspace.arena.top = mark;
  return { dz4, dV, dg, db };
}

function expectInterest(input: InterestInput<FusedMatrix>): void {
  const { z4, V, g, b } = input;
  const d = g.cols;
  expectShape('interest z4', z4, z4.rows, 4 * d);
  expectShape('interest V', V, 3 * d, 4 * d);
  expectShape('interest g', g, 3, d);
  expectShape('interest b', b, 1, 3);
}
