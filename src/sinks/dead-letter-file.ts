import type { BadRecord } from '../core/index.js';
import { AppendedFile } from './appended-file.js';

/** A record that was not learned from, with the place it was read. */
export interface DeadLetter {
  readonly partition: string;
  readonly position: bigint;
  readonly bad: BadRecord;
}

/** Dead letters as JSON Lines; the original bytes in base64, so that any record can be fixed and fed again. */
export class DeadLetterFile {
  readonly #file: AppendedFile;

  constructor(path: string, keepBytes: number) {
    this.#file = new AppendedFile(path, keepBytes);
  }

  write({ partition, position, bad }: DeadLetter): void {
    const original = bad.original === null ? null : Buffer.from(bad.original).toString('base64');
    this.#file.write(
      `${JSON.stringify({ code: bad.code, reason: bad.reason, partition, position: String(position), original })}\n`,
    );
  }

  length(): number {
    return this.#file.length();
  }

  close(): void {
    this.#file.close();
  }
}
