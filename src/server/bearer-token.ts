import { isSameSecret } from '../core/index.js';

/** Whether an Authorization header bears the token. Takes as long for a wrong one as for the right one. */
export function bears(token: string, authorization: string | undefined): boolean {
  return isSameSecret(/^Bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? '', token);
}
