import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether an Authorization header bears the token. Takes as long for a wrong one as for the right one. */
export function bears(token: string, authorization: string | undefined): boolean {
  const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

/** Of equal length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
