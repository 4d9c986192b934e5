import { createRequire } from 'node:module';

/** The version whose source the patch was written against. */
const PATCHED_VERSION = '2.2.4';

interface ConsumerGroup {
  /** Of the last heartbeat, ms of the wall clock. */
  lastRequest: number;
  heartbeat(options: { readonly interval: number }): Promise<void>;
}

const require = createRequire(import.meta.url);
let patched = false;

/**
 * kafkajs 2.2.4 counts the time to the next heartbeat by the wall clock: set back by an hour it sends none for an hour, and
 * the group takes a healthy member for dead. With the patch a heartbeat that lies in the future was long ago. Another
 * version is left as it is.
 */
export function patchHeartbeat(): void {
  if (patched) return;
  patched = true;
  if ((require('kafkajs/package.json') as { version: string }).version !== PATCHED_VERSION) return;
  const { prototype } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const heartbeat = prototype.heartbeat;
  prototype.heartbeat = async function (this: ConsumerGroup, options) {
    if (this.lastRequest > Date.now()) this.lastRequest = Number.NEGATIVE_INFINITY;
    await heartbeat.call(this, options);
  };
}
