import { DadinError } from '../core/index.js';

/** The bytes are as they were written, but they do not make the model that the manifest names. */
export function unreadableModel(message: string): DadinError {
  return new DadinError('DADIN_VERSION_UNREADABLE', `a model version cannot be loaded: ${message}`, {
    step: 'subscribe',
    remedy: 'the model loaded last stays in use; if it goes on, learner and subscriber are of versions too far apart',
  });
}
