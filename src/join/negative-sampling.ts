/**
 * Whether a negative enters training where only a share `rate` of them does: by a hash of its impression id, so that the
 * choice is the same wherever and whenever it is made.
 */
export function isKeptNegative(impressionId: string, rate: number): boolean {
  return rate >= 1 || hash32(impressionId) < rate * 2 ** 32;
}

/** FNV-1a over UTF-16 units, then murmur3's finaliser, since FNV's high bits are poor for short texts. */
function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
