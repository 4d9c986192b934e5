/** Bits of a radix digit; four digits hold 53 bits and more. */
const DIGIT_BITS = 14;
const DIGITS = 4;
const BUCKETS = 1 << DIGIT_BITS;

/** Places of `ids` (non-negative safe integers) in ascending order of id. Stable. */
export function argsort(ids: Float64Array): Uint32Array {
  const n = ids.length;
  let order: Uint32Array = Uint32Array.from({ length: n }, (_, i) => i);
  if (isAscending(ids)) return order;
  let next: Uint32Array = new Uint32Array(n);
  const starts = new Uint32Array(BUCKETS + 1);
  for (let digit = 0; digit < DIGITS; digit++) {
    const scale = 2 ** (DIGIT_BITS * digit);
    starts.fill(0);
    for (let i = 0; i < n; i++) starts[digitOf(ids[i]!, scale) + 1]!++;
    for (let b = 0; b < BUCKETS; b++) starts[b + 1]! += starts[b]!;
    for (let i = 0; i < n; i++) {
      const place = order[i]!;
      next[starts[digitOf(ids[place]!, scale)]!++] = place;
    }
    [order, next] = [next, order];
  }
  return order;
}

function digitOf(id: number, scale: number): number {
  return Math.floor(id / scale) % BUCKETS;
}

function isAscending(ids: Float64Array): boolean {
  for (let i = 1; i < ids.length; i++) if (ids[i]! < ids[i - 1]!) return false;
  return true;
}
