import type { Config } from '../src/config/index.js';
import type { Sample } from '../src/core/index.js';
import { ReorderBuffer } from '../src/ordering/index.js';
import { createFold, createSource } from './assembly.js';
import { closingAtEnd } from './closing.js';
import { inFullChunks } from './full-chunks.js';
import { BoundedReading } from './reading.js';

/** A whole log in memory, for experiments that go over it more than once. */
export interface LabelledSamples {
  /** In canonical order, each with its final label and frozen as of its impression. */
  readonly samples: readonly Sample[];
  readonly events: number;
}

/** Folds a log with an end without a learner: about 1 kB an event. */
export async function labelledSamples(config: Config, baseDirectory: string): Promise<LabelledSamples> {
  return await closingAtEnd(async (atEnd) => {
    const source = await createSource(config, baseDirectory);
    atEnd(() => source.close());
    const fold = await createFold(config);
    fold.positions.bind(source.partitions);
    const from = fold.positions.next();
    await source.open(from);
    const order = new ReorderBuffer(config.ordering, fold.positions.starts(), null);
    const reading = new BoundedReading(inFullChunks(source), order, from, new AbortController().signal, []);
    const samples: Sample[] = [];
    for (let chunk = await reading.next(); chunk !== null; chunk = await reading.next()) {
      order.push(chunk);
      for (let event = order.pop(order.watermarkMs); event !== null; event = order.pop(order.watermarkMs)) {
        for (const { score } of fold.accept(event)) samples.push(...score);
      }
    }
    samples.push(...fold.flush().score);
    return { samples: samples.filter(({ label }) => label >= 0), events: fold.counts.events };
  });
}
