import { DadinError } from '../../core/index.js';

export function unreadable(path: string, cause: unknown, remedy?: string): DadinError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DadinError('DADIN_SOURCE_UNREADABLE', `${path} cannot be read: ${reason}`, {
    step: 'read',
    partition: path,
    cause,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

export function emptyFile(path: string): DadinError {
  return new DadinError('DADIN_SOURCE_EMPTY', `${path} is empty`, {
    step: 'read',
    partition: path,
    remedy: 'remove the file from the input, or wait until it is written',
  });
}
