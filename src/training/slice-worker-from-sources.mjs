// The entry of a helping thread when TypeScript sources run (tests, tsx): a worker has no tsx of its own.
import { register } from 'tsx/esm/api';

register();
await import('./slice-worker.ts');
