import type { ByteChunks } from './byte-chunks.js';
import type { RecordFramer } from './record-framer.js';
import type { RawRecord, RecordReader, RowMapper } from './row-mapper.js';

/** What is wrong with a record's text; `cut` when it looks as if its end were missing. */
export interface TextFault {
  readonly reason: string;
  readonly cut: boolean;
}

/** Fills `values` with the wanted columns of the framer's current record, or tells what is wrong with it. */
export type RecordParser = (framer: RecordFramer, values: unknown[]) => TextFault | null;

/** Records of a CSV or JSON Lines file. */
export class TextReader<T> implements RecordReader<T>, RawRecord {
  readonly expectedRecords = null;
  readonly #chunks: ByteChunks;
  readonly #framer: RecordFramer;
  readonly #parse: RecordParser;
  readonly #mapper: RowMapper<T>;
  readonly #values: unknown[];
  #told = false;

  constructor(chunks: ByteChunks, framer: RecordFramer, parse: RecordParser, mapper: RowMapper<T>) {
    this.#chunks = chunks;
    this.#framer = framer;
    this.#parse = parse;
    this.#mapper = mapper;
    this.#values = new Array<unknown>(mapper.columns.length).fill(undefined);
  }

  async read(max: number, row: number, out: T[]): Promise<boolean> {
    const framer = this.#framer;
    for (let taken = 0; taken < max; ) {
      const frame = framer.next();
      if (frame === 'record') {
        out.push(this.#decode(row + taken));
        taken++;
      } else if (frame === 'needMore') {
        framer.push(await this.#chunks.next());
      } else if (frame === 'end') {
        if (this.#breakIsTold()) return false;
        out.push(this.#mapper.bad('DADIN_RECORD_TRUNCATED', 'the compressed file breaks off here', null));
        taken++;
      } else {
        out.push(
          frame === 'tooLarge'
            ? this.#mapper.bad('DADIN_RECORD_TOO_LARGE', 'the record is longer than allowed', framer.original())
            : this.#bad({ reason: 'a quoted field does not end as one', cut: true }),
        );
        taken++;
      }
    }
    return true;
  }

  async skip(count: number): Promise<number> {
    const framer = this.#framer;
    let skipped = 0;
    while (skipped < count) {
      const frame = framer.next();
      if (frame === 'needMore') framer.push(await this.#chunks.next());
      else if (frame === 'end' && this.#breakIsTold()) break;
      else skipped++;
    }
    return skipped;
  }

  close(): Promise<void> {
    return this.#chunks.close();
  }

  original(): Uint8Array {
    return this.#framer.original();
  }

  /**
   * A compressed file may break off just behind a newline: then one bad record stands for the rest, so that the loss is
   * never silent. Otherwise the last piece of a record tells it.
   */
  #breakIsTold(): boolean {
    const told = this.#told || !this.#chunks.truncated || this.#framer.unterminated;
    this.#told = true;
    return told;
  }

  #decode(row: number): T {
    const framer = this.#framer;
    // Of a stream that broke off, the last piece is no record even if it happens to look like one.
    if (framer.unterminated && this.#chunks.truncated)
      return this.#bad({ reason: 'the compressed file ends here', cut: true });
    const fault = this.#parse(framer, this.#values);
    return fault === null ? this.#mapper.map(this.#values, row, this) : this.#bad(fault);
  }

  #bad({ reason, cut }: TextFault): T {
    const truncated = cut && this.#framer.unterminated;
    return this.#mapper.bad(
      truncated ? 'DADIN_RECORD_TRUNCATED' : 'DADIN_RECORD_MALFORMED',
      truncated ? `the file ends inside this record: ${reason}` : reason,
      this.#framer.original(),
    );
  }
}
