import type { Learner, Serving, ServingPart, StateValue } from '../src/core/index.js';
import { DadinError } from '../src/core/index.js';
import {
  type EncodedVersion,
  encodeServing,
  encodeVersion,
  type FreshSummary,
  type GateOptions,
  type GateSummary,
  gateReasons,
  type KeptVersion,
  lineageOf,
  type RefusedVersions,
  type RowFormat,
  shapesOf,
  type VersionFacts,
  type VersionRef,
  type VersionSink,
} from '../src/versions/index.js';
import type { LearnParts } from './learn.js';
import type { Turn } from './turn.js';

export interface PublishOptions {
  /** Name of the model. */
  readonly name: string;
  readonly everySteps: number | null;
  readonly everyEventTimeMs: number | null;
  /** How embedding rows are written. */
  readonly rows: RowFormat;
  /** Deltas in a row at most. */
  readonly fullEvery: number;
  /** Full versions kept, each with its deltas. */
  readonly keep: number;
  readonly gate: GateOptions;
}

/** What the parts of the fold say when a version is made. */
export interface PublisherParts {
  readonly front: Serving;
  readonly learner: Pick<Learner, 'serving' | 'published'>;
  /** Everything a manifest says besides the weights, and the figures of both domains as of now: rolling, and since a version was due. */
  now(): { readonly facts: Omit<VersionFacts, 'name'>; readonly figures: GateSummary; readonly fresh: FreshSummary };
}

/** What came of a version that was due. */
export type PublishOutcome =
  | {
      readonly published: VersionRef;
      readonly kind: 'full' | 'delta';
      /** False where the very same version lay there already: a run that was killed repeats what it published. */
      readonly written: boolean;
      readonly bytes: number;
      readonly wholeBecause: string | null;
    }
  | {
      readonly refused: readonly string[];
      /** Folder that it is kept in; null where it is not. */
      readonly keptAt: string | null;
    };

interface Progress {
  /** The version published last; null before the first. */
  last: VersionRef | null;
  lineage: string;
  /** Deltas since the last full version, their bytes, and its own. */
  deltas: number;
  deltaBytes: number;
  fullBytes: number;
  champion: GateSummary | null;
  /** What the gate had against the version refused last, without its figures; null once one was published. */
  refusedFor: string | null;
  /** Steps since the last version, or the last refusal, and event time then. */
  steps: number;
  timeMs: number | null;
}

/**
 * Makes model versions between two turns, as a function of the log alone: a run that was killed publishes the same again.
 * Part of the checkpoint, no part of any digest.
 */
export class Publisher {
  readonly #sink: VersionSink;
  readonly #refused: RefusedVersions | null;
  readonly #options: PublishOptions;
  readonly #parts: PublisherParts;
  readonly #told: (outcome: PublishOutcome) => void;
  /** What lies at the sink, which is this run's alone; null until it was asked. */
  #kept: readonly KeptVersion[] | null = null;
  #progress: Progress = {
    last: null,
    lineage: '',
    deltas: 0,
    deltaBytes: 0,
    fullBytes: 0,
    champion: null,
    refusedFor: null,
    steps: 0,
    timeMs: null,
  };

  /** `refused`: keeps the versions that the gate refuses; null where nobody wants them. */
  constructor(
    sink: VersionSink,
    refused: RefusedVersions | null,
    options: PublishOptions,
    parts: PublisherParts,
    told: (outcome: PublishOutcome) => void,
  ) {
    this.#sink = sink;
    this.#refused = refused;
    this.#options = options;
    this.#parts = parts;
    this.#told = told;
  }

  /** Decides by steps given out and event time, never by the clock. */
  isDue(turn: Turn): boolean {
    if (turn.train.length === 0) return false;
    const { everySteps, everyEventTimeMs } = this.#options;
    const progress = this.#progress;
    progress.timeMs ??= turn.eventTimeMs;
    progress.steps++;
    const bySteps = everySteps !== null && progress.steps >= everySteps;
    const byTime = everyEventTimeMs !== null && turn.eventTimeMs - progress.timeMs >= everyEventTimeMs;
    if (!bySteps && !byTime) return false;
    progress.steps = 0;
    progress.timeMs = turn.eventTimeMs;
    return true;
  }

  /** Whether steps were taken that no version holds. */
  get isBehind(): boolean {
    return this.#progress.steps > 0;
  }

  /** With nothing under way. @throws DadinError DADIN_VERSION_WRITE, DADIN_VERSION_FOREIGN */
  async publish(): Promise<void> {
    this.#progress.steps = 0;
    const { facts: known, figures, fresh } = this.#parts.now();
    const facts = { name: this.#options.name, ...known };
    const reasons = gateReasons(this.#options.gate, figures, fresh, this.#progress.champion);
    this.#told(
      reasons.length > 0
        ? { refused: reasons, keptAt: await this.#refuse(facts, reasons) }
        : await this.#publish(facts, figures),
    );
  }

  /** The line of versions that lies there goes on, though this run has not made it: it learns otherwise what that one learned. */
  async goOnFromKept(): Promise<void> {
    this.#kept ??= await this.#sink.kept();
    const newest = this.#kept.at(-1);
    if (newest !== undefined) this.#progress.lineage = newest.manifest.lineage;
  }

  snapshot(): StateValue {
    return { ...this.#progress } as unknown as StateValue;
  }

  restore(state: StateValue): void {
    this.#progress = { ...this.#progress, ...(state as unknown as Progress) };
  }

  /** Keeps a refused version where others were not refused for the same before it; all that changed waits for the next. */
  async #refuse(facts: VersionFacts, reasons: readonly string[]): Promise<string | null> {
    const refusedFor = reasons.join('; ').replace(/[\d.]+/g, '');
    if (this.#refused === null || refusedFor === this.#progress.refusedFor) return null;
    this.#progress.refusedFor = refusedFor;
    const part = await this.#serving('a version that is refused stands alone');
    const number = (this.#progress.last?.number ?? 0) + 1;
    return await this.#refused.add(this.#versionOf(number, facts, part, { refused: reasons }));
  }

  async #publish(facts: VersionFacts, figures: GateSummary): Promise<PublishOutcome> {
    this.#kept ??= await this.#sink.kept();
    const { version, part } = await this.#encode(facts, this.#kept);
    const written = this.#kept.every(({ digest }) => digest !== version.digest);
    if (written) {
      await this.#sink.write(version);
      this.#kept = [...this.#kept, { number: version.number, digest: version.digest, manifest: version.manifest }];
    }
    this.#parts.front.published();
    await this.#parts.learner.published();
    const full = version.manifest.kind === 'full';
    const progress = this.#progress;
    this.#progress = {
      ...progress,
      last: { number: version.number, digest: version.digest },
      lineage: version.manifest.lineage,
      deltas: full ? 0 : progress.deltas + 1,
      deltaBytes: full ? 0 : progress.deltaBytes + version.model.length,
      fullBytes: full ? version.model.length : progress.fullBytes,
      champion: figures,
      refusedFor: null,
    };
    if (written && full) this.#kept = await this.#retire(this.#kept);
    const { number, digest, model } = version;
    return {
      published: { number, digest },
      kind: version.manifest.kind,
      written,
      bytes: model.length,
      wholeBecause: part.wholeBecause,
    };
  }

  /** The next version: after the one published last, or after all that lies there where this run does not repeat it. */
  async #encode(
    facts: VersionFacts,
    kept: readonly KeptVersion[],
  ): Promise<{ version: EncodedVersion; part: ServingPart }> {
    const { last, deltas, fullBytes, deltaBytes } = this.#progress;
    const newest = kept.at(-1)?.number ?? 0;
    const made = async (number: number, whole: string | null) => {
      const part = await this.#serving(whole);
      return { version: this.#versionOf(number, facts, part), part };
    };
    let next = await made(
      (last?.number ?? 0) + 1,
      deltas >= this.#options.fullEvery ? 'so many deltas in a row' : null,
    );
    const bytes = next.version.model.length;
    if (next.part.wholeBecause === null && deltaBytes + bytes > fullBytes / 2) {
      next = await made(next.version.number, 'deltas exceed half of a full version');
    }
    if (newest < next.version.number) return next;
    const there = kept.find(({ number }) => number === next.version.number);
    if (there?.digest === next.version.digest) return next;
    if (kept.some(({ manifest }) => manifest.lineage !== next.version.manifest.lineage)) throw this.#foreign(newest);
    return await made(newest + 1, 'the versions there go on from another place of this run');
  }

  async #serving(whole: string | null): Promise<ServingPart> {
    const { front, learner } = this.#parts;
    let own = front.serving(whole);
    const weights = await learner.serving(own.wholeBecause);
    if (weights.wholeBecause !== own.wholeBecause) own = front.serving(weights.wholeBecause);
    return {
      tensors: [...weights.tensors, ...own.tensors],
      tables: [...weights.tables, ...own.tables],
      wholeBecause: weights.wholeBecause,
    };
  }

  #versionOf(
    number: number,
    facts: VersionFacts,
    part: ServingPart,
    judged: { readonly refused?: readonly string[] } = {},
  ): EncodedVersion {
    const { last, lineage } = this.#progress;
    const model = encodeServing(part, this.#options.rows);
    return encodeVersion(
      {
        kind: part.wholeBecause === null ? 'delta' : 'full',
        number,
        parent: last,
        wholeBecause: part.wholeBecause,
        ...judged,
        lineage: lineage === '' ? lineageOf(facts, model) : lineage,
        rows: this.#options.rows,
        tables: shapesOf(part.tables),
        ...facts,
      },
      model,
    );
  }

  /** Takes away what lies before the full versions to keep; returns what stays. */
  async #retire(kept: readonly KeptVersion[]): Promise<KeptVersion[]> {
    const fulls = kept.filter(({ manifest }) => manifest.kind === 'full');
    const oldest = fulls.at(-this.#options.keep)?.number ?? 0;
    const pinned = (await this.#sink.pinned())?.number ?? Number.POSITIVE_INFINITY;
    // the pinned version's chain stays: from the last full version not after it
    const pinnedFrom = fulls.findLast(({ number }) => number <= pinned)?.number ?? 0;
    const isNeeded = ({ number }: VersionRef) => number >= oldest || (number >= pinnedFrom && number <= pinned);
    await this.#sink.retire(kept.filter((version) => !isNeeded(version)));
    return kept.filter(isNeeded);
  }

  #foreign(newest: number): DadinError {
    return new DadinError('DADIN_VERSION_FOREIGN', `${this.#sink.name} holds versions of another run`, {
      step: 'publish',
      got: `${this.#options.name}, up to version ${newest}`,
      expected: 'none, or those of this run up to its checkpoint',
      remedy: 'resume the run that wrote them, or name another publish.directory or publish.name',
    });
  }
}

/** Publishes before the checkpoint that follows, so that this knows of the version. */
export function publishingBefore(state: LearnParts['checkpoint'], publisher: Publisher): LearnParts['checkpoint'] {
  let due = { version: false, checkpoint: false };
  return {
    isDue(turn) {
      const now = { version: publisher.isDue(turn), checkpoint: state.isDue(turn) };
      due = { version: due.version || now.version, checkpoint: due.checkpoint || now.checkpoint };
      return now.version || now.checkpoint;
    },
    /** What is due; the checkpoint also where nothing was: at the end of a run. */
    async save() {
      const { version, checkpoint } = due;
      due = { version: false, checkpoint: false };
      if (version) await publisher.publish();
      if (checkpoint || !version) await state.save();
    },
  };
}
