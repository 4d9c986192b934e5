import { patchKafkajs } from './patch-kafkajs.js';

interface ConsumerGroup {
  /** Of the last heartbeat, ms of the wall clock. */
  lastRequest: number;
  heartbeat(options: { readonly interval: number }): Promise<void>;
}

/**
 * kafkajs 2.2.4 counts the time to the next heartbeat by the wall clock: set back by an hour it sends none for an hour, and
 * the group takes a healthy member for dead. With the patch a heartbeat that lies in the future was long ago.
 */
export function patchHeartbeat(): void {
  patchKafkajs<ConsumerGroup>('consumer/consumerGroup', (prototype) => {
    const heartbeat = prototype.heartbeat;
    prototype.heartbeat = async function (this: ConsumerGroup, options) {
      if (this.lastRequest > Date.now()) this.lastRequest = Number.NEGATIVE_INFINITY;
      await heartbeat.call(this, options);
    };
  });
}
