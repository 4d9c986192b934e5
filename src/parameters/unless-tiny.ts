/** Far below anything that moves a weight, far above the subnormal numbers of float32 (1.2e-38). */
const TINY = 1e-35;

/**
 * 0 for what is as good as 0. A moment without gradients decays into the subnormal numbers within a thousand steps, and
 * arithmetic on those is some fifty times slower: units that are off would slow training down more and more.
 */
export function unlessTiny(x: number): number {
  return Math.abs(x) < TINY ? 0 : x; // one test that always goes the same way: signs cannot be predicted
}
