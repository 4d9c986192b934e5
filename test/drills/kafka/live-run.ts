import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../../../pipelines/learning-run.js';
import type { ClickEvent, Domain } from '../../../src/core/index.js';
import { uniqueName } from '../../kafka/broker.js';
import { syntheticEvents, type Topics, topicsConfig } from '../../kafka/topics.js';
import { type Running, run, start, summaryOf } from '../command-line.js';
import { SMALL } from '../small-log.js';

/** Impressions with their labels, in order: what a drill feeds its topics with. */
export function drillEvents(events: number): Promise<Readonly<Record<Domain, ClickEvent[]>>> {
  return syntheticEvents({ preset: 'test', seed: 5, events, sourceRatio: 1, messages: null });
}

export interface LiveOptions {
  /** Keys of `input.kafka`. */
  readonly input?: object;
  readonly overrides?: readonly string[];
}

/** The built command line on topics: one configuration, one directory of checkpoints. */
export class LiveLearner {
  readonly checkpoints: string;
  readonly #directory: string;
  readonly #brokers: readonly string[];
  readonly #topics: Topics;
  readonly #overrides: readonly string[];

  constructor(directory: string, brokers: readonly string[], topics: Topics, options: LiveOptions = {}) {
    this.#directory = directory;
    this.#brokers = brokers;
    this.#topics = topics;
    this.#overrides = options.overrides ?? [];
    this.checkpoints = join(directory, 'checkpoints');
    mkdirSync(this.checkpoints, { recursive: true });
    const input = { groupId: uniqueName('drill'), sessionTimeoutMs: 8000, maxWaitMs: 100, ...options.input };
    writeFileSync(this.#config, JSON.stringify(topicsConfig(this.#brokers, this.#topics, input)));
  }

  /** Starts a learner; of several started with one directory, one learns. */
  start(flags: readonly string[] = []): Running {
    return start(['run', '--config', this.#config, '--checkpoints', this.checkpoints, ...this.#flags, ...flags]);
  }

  async toTheEnd(): Promise<RunSummary> {
    return summaryOf(await this.start(['--set', 'input.kafka.stop=end']).finished);
  }

  /** What the topics as they are now come to, learned from the beginning without any mishap. */
  async expected(flags: readonly string[] = []): Promise<RunSummary> {
    return summaryOf(await run(['replay', '--config', this.#config, ...this.#flags, ...flags]));
  }

  get #config(): string {
    return join(this.#directory, 'live.yaml');
  }

  get #flags(): string[] {
    return [...SMALL, '--json', ...this.#overrides.flatMap((override) => ['--set', override])];
  }
}

/** What a drill compares of two runs. */
export function outcome({ digest, events, deadLetters, late, duplicates }: RunSummary): object {
  return { digest, events, deadLetters, late, duplicates };
}
