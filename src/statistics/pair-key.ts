/**
 * A 53-bit key for an ordered pair of safe integers, never 0; of n pairs about n^2 / 2^54 share a key (.006 at ten
 * million). Two rounds of multiply and mix over the four halves.
 */
export function pairKey(a: number, b: number): number {
  const aHigh = (a / 4294967296) | 0;
  const bHigh = (b / 4294967296) | 0;
  const low = mix(mix(mix(mix(a | 0) + aHigh) + b) + bHigh);
  const high = mix(mix(mix(mix((b | 0) ^ 0x2545f491) + bHigh) + a) + aHigh);
  return (high >>> 11) * 4294967296 + (low >>> 0) || 1;
}

function mix(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) + 0x9e3779b9;
}
