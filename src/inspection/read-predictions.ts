import { DadinError, DOMAIN_CODE, DOMAINS } from '../core/index.js';
import { openCsv } from '../sources/files/csv-file.js';
import type { RowMapper } from '../sources/files/row-mapper.js';

/** One scored impression of a predictions file. */
export interface Prediction {
  /** 1 target, 0 source */
  readonly domain: number;
  readonly userId: string;
  readonly itemId: string;
  readonly eventTimeMs: number;
  readonly label: 0 | 1;
  /** Probability. */
  readonly score: number;
}

const COLUMNS = ['domain', 'userId', 'itemId', 'eventTime', 'label', 'score'];
const MAX_RECORD_BYTES = 1 << 20;
const READ_RECORDS = 4096;

/**
 * The rows of a predictions file (`replay --predictions`, or of any other learner with the same columns), in its order.
 *
 * @throws DadinError DADIN_SOURCE_UNREADABLE, DADIN_SOURCE_EMPTY, DADIN_SOURCE_HEADER; DADIN_USAGE naming the first row that
 *   is no prediction
 */
export async function readPredictions(path: string): Promise<Prediction[]> {
  const refuse = (row: number, what: string): never => {
    throw new DadinError('DADIN_USAGE', `${path} is not a predictions file: row ${row + 1} ${what}`, {
      step: 'compare',
      expected: `columns ${COLUMNS.join(', ')}; label 0 or 1, score a probability, eventTime in ms`,
      remedy: 'give files that `replay --predictions` wrote, or that have its columns',
    });
  };
  const rows: Prediction[] = [];
  const mapper: RowMapper<Prediction | null> = {
    columns: COLUMNS,
    required: COLUMNS,
    map(values, row) {
      const [domain, userId, itemId, eventTime, label, score] = values as string[];
      const eventTimeMs = Number(eventTime);
      const probability = Number(score);
      const known =
        DOMAINS.find((name) => name === domain) ?? refuse(row, `names the domain ${JSON.stringify(domain)}`);
      if (label !== '0' && label !== '1') refuse(row, `has the label ${JSON.stringify(label)}`);
      if (!Number.isFinite(eventTimeMs) || eventTime === '') refuse(row, `has the time ${JSON.stringify(eventTime)}`);
      if (score === '' || !(probability >= 0 && probability <= 1))
        refuse(row, `has the score ${JSON.stringify(score)}`);
      return {
        domain: DOMAIN_CODE[known],
        userId: userId!,
        itemId: itemId!,
        eventTimeMs,
        label: label === '1' ? 1 : 0,
        score: probability,
      };
    },
    bad: () => null,
  };
  const reader = await openCsv(path, ',', MAX_RECORD_BYTES, mapper);
  try {
    for (let more = true; more; ) {
      const block: (Prediction | null)[] = [];
      more = await reader.read(READ_RECORDS, rows.length, block);
      for (const row of block) rows.push(row ?? refuse(rows.length, 'cannot be read'));
    }
  } finally {
    await reader.close();
  }
  return rows;
}
