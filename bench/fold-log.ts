import type { Fold } from '../pipelines/fold.js';
import type { Turn } from '../pipelines/turn.js';
import type { Config } from '../src/config/index.js';
import type { EventSource } from '../src/core/index.js';
import { ReorderBuffer } from '../src/ordering/index.js';

const CHUNK_RECORDS = 1024;

/** The front half alone: reads a bounded log to its end, in order, and hands every turn to `visit` instead of a learner. */
export async function foldLog(
  config: Config,
  source: EventSource,
  fold: Fold,
  visit: (turn: Turn) => void,
): Promise<void> {
  const order = new ReorderBuffer(config.ordering, fold.positions.starts(), null);
  for (let partition = order.laggard(); partition >= 0; partition = order.laggard()) {
    order.push(await source.read(partition, CHUNK_RECORDS));
    const watermarkMs = order.watermarkMs;
    for (let event = order.pop(watermarkMs); event !== null; event = order.pop(watermarkMs)) {
      for (const turn of fold.accept(event)) visit(turn);
    }
  }
}
