import { DOMAIN_CODE, DOMAINS, domainOf, type Sample, type SnapshotPool, type StateValue } from '../src/core/index.js';
import {
  BadDayWatch,
  Evaluation,
  type EvaluationOptions,
  PublishedVersions,
  type ScoredRow,
} from '../src/evaluation/index.js';
import { servedLogit, type TrainedSpace } from '../src/join/index.js';
import type { Transfer } from './transfer.js';
import type { Turn } from './turn.js';

/**
 * What becomes of impressions once they are scored: final labels are judged, late ones put right, and predictions reported
 * in scoring order.
 */
export class Judging {
  readonly evaluation: Evaluation;
  readonly badDays = new BadDayWatch();
  readonly versions = new PublishedVersions();
  readonly #trainedSpace: TrainedSpace;
  readonly #transfer: Transfer | null;
  /** Scored, in scoring order, from the first whose label is not known. */
  #unreported: Sample[] = [];
  /** Those of `#unreported`, or still to come there, whose label will never be known. */
  #givenUp = new Set<Sample>();

  constructor(options: EvaluationOptions, trainedSpace: TrainedSpace, transfer: Transfer | null) {
    this.evaluation = new Evaluation(options);
    this.#trainedSpace = trainedSpace;
    this.#transfer = transfer;
  }

  /** `logits`: [rows], or [2 rows] with those of the twin where a transfer ledger is kept; `step`: the newest that they know. */
  scored(samples: readonly Sample[], logits: Float32Array, step: number): void {
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i]!;
      const logit = this.#served(logits[i]!);
      sample.logit = this.#transfer?.served(sample, logit, this.#served(logits[samples.length + i]!)) ?? logit;
      sample.scoredAtStep = step;
      this.#unreported.push(sample);
    }
  }

  /** Judges what matured and what is put right; tells `alarm` of drift in a domain, by its code. */
  judge({ matured, restated, provisional }: Turn, alarm: (domain: number) => void): void {
    for (const sample of matured) {
      this.#transfer?.judge(sample);
      this.badDays.judged(sample);
      const row = scoredRow(sample);
      this.versions.add(domainOf(sample.domain), row, sample.scoredAtStep);
      if (this.evaluation.update(domainOf(sample.domain), row)) alarm(sample.domain);
    }
    for (const sample of restated) {
      const row = scoredRow(sample);
      this.versions.restate(domainOf(sample.domain), row, sample.scoredAtStep);
      this.evaluation.restate(domainOf(sample.domain), row);
    }
    for (const domain of DOMAINS) this.evaluation.provisional(domain, provisional[DOMAIN_CODE[domain]]!);
  }

  /** The label of the impression will never be known. */
  giveUp(sample: Sample): void {
    this.#givenUp.add(sample);
    this.badDays.forget(sample);
  }

  /** Scored impressions whose label is known and all before them, in scoring order: each once. */
  takeReportable(): Sample[] {
    const reportable: Sample[] = [];
    let done = 0;
    for (; done < this.#unreported.length; done++) {
      const sample = this.#unreported[done]!;
      if (sample.label >= 0) reportable.push(sample);
      else if (!this.#givenUp.delete(sample)) break;
    }
    this.#unreported.splice(0, done);
    return reportable;
  }

  /** Bad days and versions stand apart: they are no part of any digest. */
  snapshot(pool: SnapshotPool): Record<string, StateValue> {
    return {
      evaluation: this.evaluation.snapshot(),
      unreported: pool.putSamples(this.#unreported),
      givenUp: pool.putSamples(this.#givenUp),
    };
  }

  restore(state: Readonly<Record<string, StateValue>>, pool: SnapshotPool): void {
    this.evaluation.restore(state['evaluation']!);
    this.#unreported = pool.samples(state['unreported'] as Uint32Array);
    this.#givenUp = new Set(pool.samples(state['givenUp'] as Uint32Array));
  }

  #served(logit: number): number {
    return Math.fround(servedLogit(logit, this.#trainedSpace));
  }
}

function scoredRow({ userId, logit, label, eventTimeMs, coldUser, newItem }: Sample): ScoredRow {
  return { userId, logit, label: label === 1 ? 1 : 0, eventTimeMs, coldUser, newItem };
}
