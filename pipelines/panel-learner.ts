import { overAllRows, targetOnly } from '../src/batching/index.js';
import { type Adaptation, bug, type Learner, type SampleBatch, type StepReport } from '../src/core/index.js';

/** One of several learners that see the same batches, each with its own eyes. */
export interface Panelist {
  /** Null: the linear part alone, whose logit is the score. */
  readonly learner: Pick<Learner, 'score' | 'train'> | null;
  /** Reads the linear part's logit, and the statistics. */
  readonly readsOffset: boolean;
  readonly readsStatistics: boolean;
  /** Sees no source rows and no source histories. */
  readonly targetOnly: boolean;
}

/**
 * Several learners as one: each batch goes to all of them, in the order of the calls, so that they share the whole front
 * half of the fold. What `score` gives are the logits of the first; `takeLogits` has those of all.
 */
export class PanelLearner implements Pick<Learner, 'score' | 'train'> {
  readonly #panel: readonly Panelist[];
  /** In the order of the calls, which is not that of their ends: a panelist may have nothing to see in a batch. */
  readonly #scored: { logits: readonly Float32Array[] }[] = [];

  constructor(panel: readonly Panelist[]) {
    this.#panel = panel;
  }

  /** Of the oldest scored batch not taken yet: logits [B] by panelist, NaN on rows that one does not see. */
  takeLogits(): readonly Float32Array[] {
    return this.#scored.shift()?.logits ?? bug('logits taken of a batch that was not scored');
  }

  async score(batch: SampleBatch): Promise<Float32Array> {
    const scored: { logits: readonly Float32Array[] } = { logits: [] };
    this.#scored.push(scored);
    scored.logits = await Promise.all(this.#panel.map((panelist) => scoredBy(panelist, batch)));
    return scored.logits[0]!;
  }

  /** @returns the first report of a learner that had something to learn */
  async train(batch: SampleBatch, eventTimeMs: number, adaptation: Adaptation | null = null): Promise<StepReport> {
    const reports = await Promise.all(
      this.#panel.map((panelist) => {
        const { seen } = view(panelist, batch);
        return panelist.learner === null || seen.size === 0
          ? null
          : panelist.learner.train(seen, eventTimeMs, adaptation);
      }),
    );
    return reports.find((report) => report !== null) ?? bug('a panel without a learner for this batch');
  }
}

interface View {
  /** A copy, since batches are given away. */
  readonly seen: SampleBatch;
  /** Its rows in the whole batch; null: all, in order. */
  readonly rows: Int32Array | null;
}

function view({ readsOffset, readsStatistics, targetOnly: isBlind }: Panelist, batch: SampleBatch): View {
  const { batch: rowsSeen, rows } = isBlind ? targetOnly(batch) : { batch: structuredClone(batch), rows: null };
  return {
    rows,
    seen: {
      ...rowsSeen,
      ...(readsOffset ? {} : { offset: new Float32Array(rowsSeen.size) }),
      ...(readsStatistics ? {} : { dense: new Float32Array(0), denseWidth: 0 }),
    },
  };
}

async function scoredBy(panelist: Panelist, batch: SampleBatch): Promise<Float32Array> {
  if (panelist.learner === null) return batch.offset.slice();
  const { size } = batch;
  const { seen, rows } = view(panelist, batch);
  const logits = seen.size === 0 ? new Float32Array(0) : await panelist.learner.score(seen);
  return rows === null ? logits : overAllRows(logits, rows, size);
}
