import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, Kafka } from 'kafkajs';
import { DadinError } from '../../core/index.js';
import { kafkaFailure } from '../../kafka/index.js';
import { oneOwnerAssigner } from './one-owner-assigner.js';
import { withPatience } from './patience.js';

export interface OwnershipOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** A member that the group has not heard of for so long is taken for dead. */
  readonly sessionTimeoutMs: number;
  readonly notice: (message: string) => void;
}

/** How long the membership is asked for a sign of life when it is not certain. */
const CONFIRM_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 50;
const HEARTBEAT_MS = 3_000;

/**
 * Who learns: Kafka's group protocol gives every partition to one member, the owner, while the others stand by. Only
 * membership goes this way; records are read by a source of their own (KafkaSource), so that a slow step holds up no
 * heartbeat and a rebalance delivers nothing again.
 */
export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #consumer: Consumer;
  readonly #lost = new AbortController();
  #ownerSinceMs: number | null = null;
  #joined = false;
  #hasLeft = false;
  #aliveMs = 0;
  #tellOwned: () => void = () => {};
  /** Resolves when this process has become the owner. */
  readonly owned = new Promise<void>((resolve) => {
    this.#tellOwned = resolve;
  });

  private constructor(kafka: Kafka, options: OwnershipOptions) {
    this.#options = options;
    this.#consumer = kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout: Math.max(options.sessionTimeoutMs, 10_000),
      heartbeatInterval: Math.min(HEARTBEAT_MS, Math.floor(options.sessionTimeoutMs / 4)),
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      partitionAssigners: [oneOwnerAssigner(() => ({ ownerSinceMs: this.#ownerSinceMs, isFresh: this.#isFresh }))],
      // a client that is told to leave while it joins again would go on doing so
      retry: { retries: 5, restartOnFailure: async () => !this.#hasLeft },
    });
    const { HEARTBEAT, GROUP_JOIN, CRASH } = this.#consumer.events;
    this.#consumer.on(HEARTBEAT, () => {
      this.#aliveMs = performance.now();
    });
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#assigned(payload.memberAssignment));
    this.#consumer.on(CRASH, ({ payload }) => {
      if (payload.restart) options.notice(`the group has gone: ${payload.error.message}; joining again`);
      else this.#lose(kafkaFailure(payload.error, 'read'));
    });
  }

  /** Joins the group; resolves when it has an answer, which may be that another one owns the partitions. */
  static async join(kafka: Kafka, options: OwnershipOptions): Promise<Ownership> {
    const ownership = new Ownership(kafka, options);
    const consumer = ownership.#consumer;
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...options.topics] });
    } catch (error) {
      await consumer.disconnect();
      throw kafkaFailure(error, 'read');
    }
    await consumer.run({ autoCommit: false, eachBatch: async () => {} });
    return ownership;
  }

  get isOwner(): boolean {
    return this.#ownerSinceMs !== null && !this.#lost.signal.aborted;
  }

  /** Aborted, with the error to stop with, when another one has become owner or the group refuses us. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Whether this process is still the owner. After a long silence, as of a process that was frozen, it waits for a sign
   * of life first; while the brokers are down there is none, and nobody can take over either.
   */
  async confirm(): Promise<boolean> {
    const untilMs = performance.now() + CONFIRM_WITHIN_MS;
    while (this.isOwner && !this.#isFresh && performance.now() < untilMs) await sleep(LOOK_EVERY_MS);
    return this.isOwner;
  }

  /** Tells the group how far the owner is, for monitors of lag; nothing starts from it. Failing, it says so and goes on. */
  async commit(positions: Readonly<Record<string, string>>): Promise<void> {
    if (!this.isOwner || !this.#isFresh) return;
    const offsets = Object.entries(positions).flatMap(([name, offset]) => {
      const cut = name.lastIndexOf('/');
      const topic = name.slice(0, cut);
      return this.#options.topics.includes(topic) ? [{ topic, partition: Number(name.slice(cut + 1)), offset }] : [];
    });
    try {
      await this.#consumer.commitOffsets(offsets);
    } catch (error) {
      this.#options.notice(`group offsets not committed, lag monitors see old ones: ${(error as Error).message}`);
    }
  }

  /** Leaves the group, so that a standby takes over at once; brokers that do not answer are not waited for long. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    this.#ownerSinceMs = null;
    await withPatience(this.#consumer.disconnect());
  }

  get #isFresh(): boolean {
    return performance.now() - this.#aliveMs < this.#options.sessionTimeoutMs;
  }

  #assigned(assignment: Readonly<Record<string, readonly number[]>>): void {
    if (this.#hasLeft) {
      void withPatience(this.#consumer.disconnect());
      return;
    }
    this.#aliveMs = performance.now();
    // membership only: nothing is ever fetched here
    this.#consumer.pause(this.#options.topics.map((topic) => ({ topic })));
    const owns = Object.values(assignment).some((partitions) => partitions.length > 0);
    if (owns && this.#ownerSinceMs === null) {
      this.#ownerSinceMs = Date.now();
      this.#tellOwned();
    } else if (!owns && this.#ownerSinceMs !== null) {
      this.#lose(deposed(this.#options.groupId));
    } else if (!owns && !this.#joined) {
      this.#options.notice(`another learner of group ${this.#options.groupId} learns; standing by`);
    }
    this.#joined = true;
  }

  #lose(error: DadinError): void {
    this.#lost.abort(error);
  }
}

function deposed(groupId: string): DadinError {
  return new DadinError('DADIN_FENCED', `another learner of group ${groupId} has taken over`, {
    step: 'read',
    got: 'no word from this process within input.kafka.sessionTimeoutMs',
    remedy: 'start it again: it will stand by, and go on from the newest checkpoint when its turn comes',
  });
}
