import type {
  Adaptation,
  ErrorCode,
  ErrorDetails,
  LearnerDescription,
  LearnerGauges,
  LearnerState,
  SampleBatch,
  ServingPart,
  StepReport,
} from '../core/index.js';
import { DadinError } from '../core/index.js';
import type { BackendChoice } from './backend.js';
import type { EngineOptions } from './engine-options.js';

/** What the thread is started with: plain data. */
export interface LearnerOptions {
  readonly backend: BackendChoice;
  readonly engine: EngineOptions;
  /** Threads that work on slices, the learner's own among them. */
  readonly threads: number;
}

/** The calls of a learner that cross to its thread: arguments and result. */
export interface LearnerCalls {
  readonly score: { readonly arguments: { readonly batch: SampleBatch }; readonly result: Float32Array };
  readonly train: {
    readonly arguments: {
      readonly batch: SampleBatch;
      readonly eventTimeMs: number;
      readonly adaptation: Adaptation | null;
    };
    readonly result: StepReport;
  };
  readonly inspect: { readonly arguments: Record<never, never>; readonly result: LearnerGauges };
  readonly snapshot: { readonly arguments: Record<never, never>; readonly result: LearnerState };
  readonly restore: { readonly arguments: { readonly state: LearnerState }; readonly result: null };
  readonly serving: { readonly arguments: { readonly whole: string | null }; readonly result: ServingPart };
  readonly published: { readonly arguments: Record<never, never>; readonly result: null };
  readonly close: { readonly arguments: Record<never, never>; readonly result: null };
}

export type CallName = keyof LearnerCalls;

/** To the thread, answered in the order of sending. */
export type LearnerRequest = {
  [Name in CallName]: { readonly call: Name } & LearnerCalls[Name]['arguments'];
}[CallName];

/** From the thread: once at the start, then one a request. */
export type LearnerReply =
  | { readonly ready: LearnerDescription; readonly reason: string }
  | { readonly value: LearnerCalls[CallName]['result'] }
  | { readonly error: CrossingError };

/** A DadinError as plain data. */
export interface CrossingError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

export function errorToMessage({ code, message, details }: DadinError): CrossingError {
  const { cause, ...plain } = details;
  const described = cause instanceof Error ? (cause.stack ?? cause.message) : cause;
  return { code, message, details: described === undefined ? plain : { ...plain, cause: String(described) } };
}

export function errorFromMessage({ code, message, details }: CrossingError): DadinError {
  return new DadinError(code, message, details);
}

/**
 * The array buffers inside `value`, to be moved instead of copied. A view of a part only of its buffer leaves the buffer
 * where it is; empty ones are not worth it.
 */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const visit = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      const { buffer } = part;
      if (buffer instanceof ArrayBuffer && buffer.byteLength > 0 && part.byteLength === buffer.byteLength) {
        buffers.add(buffer);
      }
    } else if (typeof part === 'object' && part !== null) {
      for (const inner of Object.values(part)) visit(inner);
    }
  };
  visit(value);
  return [...buffers];
}
