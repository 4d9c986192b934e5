import { patchKafkajs } from './patch-kafkajs.js';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

/**
 * Every idle connection of kafkajs 2.2.4 sets a timer each millisecond to look at an empty queue (issues 1556, 1704,
 * 1751): about 5 % of a core for nothing, and warnings of negative timeouts on newer Node. With the patch a queue with
 * nothing pending and no throttling sets none.
 */
export function patchRequestQueue(): void {
  patchKafkajs<RequestQueue>('network/requestQueue', (prototype) => {
    const schedule = prototype.scheduleCheckPendingRequests;
    prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
      if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
    };
  });
}
