import { Matrix, solve } from 'ml-matrix';
import { SeededRandom } from '../../core/index.js';

const FOLDS = 5;
/** Newton steps; a ridge of 1e-3 keeps separable data from growing weights without bound. */
const NEWTON_STEPS = 12;
const RIDGE = 1e-3;

/** How well a straight cut tells two kinds of rows apart. */
export interface Probe {
  /** Cross-validated accuracy. */
  readonly accuracy: number;
  /** Proxy A-distance max(0, 2 (1 - 2 error)) (Ben-David et al. 2007). */
  readonly distance: number;
}

/** A logistic probe on standardised features, five folds drawn at random. features [n,width] row-major, kind [n] 0 or 1. */
export function linearProbe(features: Float64Array, width: number, kind: Uint8Array, seed: number): Probe {
  const n = kind.length;
  const x = standardised(features, n, width);
  const random = new SeededRandom(seed, 'probe');
  const order = [...kind.keys()];
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  let right = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const held = order.filter((_, i) => i % FOLDS === fold);
    const shown = order.filter((_, i) => i % FOLDS !== fold);
    const weights = logistic(
      x.selection(shown, columns(x)),
      Float64Array.from(shown, (i) => kind[i]!),
    );
    for (const i of held) {
      const score = Matrix.rowVector(x.getRow(i)).mmul(weights).get(0, 0);
      if (score > 0 === (kind[i] === 1)) right++;
    }
  }
  const accuracy = right / n;
  return { accuracy, distance: Math.max(0, 2 * (1 - 2 * (1 - accuracy))) };
}

/** [n, width + 1]: mean 0, deviation 1 (a constant column stays 0), and a column of ones. */
function standardised(features: Float64Array, n: number, width: number): Matrix {
  const x = Matrix.zeros(n, width + 1);
  for (let c = 0; c < width; c++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      sum += features[i * width + c]!;
      squares += features[i * width + c]! ** 2;
    }
    const mean = sum / n;
    const deviation = Math.sqrt(Math.max(0, squares / n - mean * mean));
    for (let i = 0; i < n; i++) {
      x.set(i, c, deviation < 1e-9 ? 0 : (features[i * width + c]! - mean) / deviation);
    }
  }
  for (let i = 0; i < n; i++) x.set(i, width, 1);
  return x;
}

/** Newton's method for ridge logistic regression: weights [columns,1]. */
function logistic(x: Matrix, y: Float64Array): Matrix {
  let weights = Matrix.zeros(x.columns, 1);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const logits = x.mmul(weights);
    const residual = Matrix.zeros(x.rows, 1);
    const weighted = x.clone();
    for (let i = 0; i < x.rows; i++) {
      const p = 1 / (1 + Math.exp(-logits.get(i, 0)));
      residual.set(i, 0, y[i]! - p);
      weighted.mulRow(i, Math.max(p * (1 - p), 1e-6) / x.rows);
    }
    const gradient = x.transpose().mmul(residual).div(x.rows).sub(Matrix.mul(weights, RIDGE));
    const curvature = x.transpose().mmul(weighted).add(Matrix.eye(x.columns).mul(RIDGE));
    weights = Matrix.add(weights, solve(curvature, gradient));
  }
  return weights;
}

function columns(x: Matrix): number[] {
  return Array.from({ length: x.columns }, (_, c) => c);
}
