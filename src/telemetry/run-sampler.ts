import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import {
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { RARE } from './run-tracer.js';

/** A share of the batches with all that follows from them; checkpoints and publications always. */
export class RunSampler implements Sampler {
  readonly #byParent: Sampler;
  readonly #share: number;

  constructor(share: number) {
    this.#share = share;
    this.#byParent = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) });
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    if (attributes[RARE] === true) return { decision: SamplingDecision.RECORD_AND_SAMPLED };
    return this.#byParent.shouldSample(context, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `RunSampler{${this.#share}}`;
  }
}
