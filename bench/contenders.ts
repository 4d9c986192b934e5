import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface StepCase {
  readonly width: number;
  readonly hidden: readonly number[];
  readonly batch: number;
  readonly historyLength: number;
  /** Share of the places of a history that are filled. */
  readonly fill: number;
}

/** Layers of the presets `small` and `paper` by width. */
export const HIDDEN: Readonly<Record<number, readonly number[]>> = { 16: [64, 32, 16], 64: [512, 128, 64] };
export const HISTORY_LENGTH = 20;

export type Work = 'step' | 'score';

/** What one round of calls took. */
export interface Round {
  readonly calls: number;
  readonly wallMs: number;
  /** All threads of the process together. */
  readonly cpuMs: number;
}

/** Milliseconds of a scoring call. */
export interface Latency {
  readonly width: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time, the mean. */
  readonly cpu: number;
}

/** One of those who run the same case in turns: a process that answers each line of JSON with one. */
export class Contender {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.on('error', () => child.stdout.destroy());
    child.stdin.on('error', () => child.stdout.destroy());
    this.#process = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** What it runs on. */
  async describe(): Promise<object> {
    return await this.#ask({ describe: true });
  }

  /** Forgets the case before. */
  async prepare(stepCase: StepCase): Promise<void> {
    await this.#ask({ prepare: stepCase });
  }

  /** Whole calls until `ms` have passed, one at least. */
  async round(work: Work, ms: number): Promise<Round> {
    return (await this.#ask({ round: work, ms })) as Round;
  }

  /** Latency of scoring 100 candidates of one user; engines only. */
  async candidates(width: number): Promise<Latency> {
    return (await this.#ask({ candidates: width })) as Latency;
  }

  close(): void {
    this.#process.stdin?.end();
  }

  async #ask(question: object): Promise<object> {
    this.#process.stdin?.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`${this.name} has ended`);
    return JSON.parse(value) as object;
  }
}
