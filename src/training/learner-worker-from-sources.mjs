// The entry of the learner's thread when TypeScript sources run (tests, tsx): a worker has no tsx of its own.
import { register } from 'tsx/esm/api';

register();
await import('./learner-worker.ts');
