import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same. Takes as long for a wrong one as for the right one. */
export function isSameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

/** Of equal length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
