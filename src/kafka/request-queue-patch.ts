import { createRequire } from 'node:module';

/** The version whose source the patch was written against. */
const PATCHED_VERSION = '2.2.4';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

const require = createRequire(import.meta.url);
let patched = false;

/**
 * Every idle connection of kafkajs 2.2.4 sets a timer each millisecond to look at an empty queue (issues 1556, 1704,
 * 1751): about 5 % of a core for nothing, and warnings of negative timeouts on newer Node. With the patch a queue with
 * nothing pending and no throttling sets none. Another version is left as it is.
 */
export function patchRequestQueue(): void {
  if (patched) return;
  patched = true;
  if ((require('kafkajs/package.json') as { version: string }).version !== PATCHED_VERSION) return;
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
