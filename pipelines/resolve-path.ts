import { isAbsolute, join } from 'node:path';

export function resolvePath(path: string, baseDirectory: string): string {
  return isAbsolute(path) ? path : join(baseDirectory, path);
}
