import { domainOf, type Sample } from '../core/index.js';
import { AppendedFile } from './appended-file.js';

const HEADER = 'seq,domain,userId,itemId,eventTime,label,score,step\n';

/** One CSV row a scored impression, in scoring order; `score` is a probability, `step` the steps taken before it. */
export class PredictionsFile {
  readonly #file: AppendedFile;

  constructor(path: string, keepBytes: number) {
    this.#file = new AppendedFile(path, keepBytes);
    if (keepBytes === 0) this.#file.write(HEADER);
  }

  write(samples: readonly Sample[]): void {
    for (const s of samples) {
      const score = 1 / (1 + Math.exp(-s.logit));
      this.#file.write(
        `${s.sequence},${domainOf(s.domain)},${csvField(s.userId)},${csvField(s.itemId)},${s.eventTimeMs},${s.label},${score},${s.scoredAtStep}\n`,
      );
    }
  }

  length(): number {
    return this.#file.length();
  }

  close(): void {
    this.#file.close();
  }
}

/** Quotes a field only where RFC 4180 asks for it. */
function csvField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
