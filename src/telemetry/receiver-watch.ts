import { overriding } from './overriding.js';

interface Exporter<T> {
  export(items: T, done: (result: { readonly code: number; readonly error?: Error }) => void): void;
}

/** Code of an export that went through (ExportResultCode.SUCCESS). */
const SUCCESS = 0;

/** Tells once when an OTLP receiver stops taking what is sent, and once when it takes it again; the run goes on. */
export class ReceiverWatch {
  readonly #endpoint: string;
  readonly #tell: (message: string) => void;
  #isDown = false;

  /** `endpoint`: base URL of the receiver. */
  constructor(endpoint: string, tell: (message: string) => void) {
    this.#endpoint = endpoint.replace(/\/$/, '');
    this.#tell = tell;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  at(path: string): { readonly url: string } {
    return { url: new URL(path, `${this.#endpoint}/`).href };
  }

  /** The exporter, its results watched. */
  watched<T, E extends Exporter<T>>(exporter: E & Exporter<T>): E {
    const changes: Exporter<T> = {
      export: (items, done) =>
        exporter.export(items, (result) => {
          if (result.code === SUCCESS) this.#worked();
          else this.failed(result.error?.message ?? 'no reason given');
          done(result);
        }),
    };
    return overriding<E>(exporter, changes as Partial<E>);
  }

  failed(why: string): void {
    if (this.#isDown) return;
    this.#isDown = true;
    this.#tell(`telemetry: ${this.#shown()} does not take metrics and traces (${why}); the run goes on without`);
  }

  #worked(): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    this.#tell(`telemetry: ${this.#shown()} takes metrics and traces again`);
  }

  /** Without credentials. */
  #shown(): string {
    return new URL(this.#endpoint).origin;
  }
}
