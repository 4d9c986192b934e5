import { z } from 'zod';

/**
 * What is known of a key besides its type: kept on the zod schema and nowhere else. The JSON Schema carries it on, and
 * docs/configuration.md, the digest and did-you-mean are all derived from that.
 */
interface KeyMark {
  /** One or two sentences with the unit, ending in a full stop. */
  readonly description: string;
  /** Whether the key changes what the model or the fold sees; such keys enter the digest and bind a resumed run. */
  readonly learning: boolean;
}

/** A key that the model or the fold sees. */
export function learningKey<S extends z.ZodType>(schema: S, description: string): S {
  return schema.meta({ description, learning: true } satisfies KeyMark);
}

/** A key that may change freely when a run is resumed. */
export function freeKey<S extends z.ZodType>(schema: S, description: string): S {
  return schema.meta({ description, learning: false } satisfies KeyMark);
}

/** A key inside a value that is marked as a whole (a column, a label rule). */
export function partKey<S extends z.ZodType>(schema: S, description: string): S {
  return schema.meta({ description });
}

/** Whole number >= 1. */
export const count = z.int().min(1);
/** Whole number >= 0. */
export const countOrZero = z.int().min(0);
/** Milliseconds, >= 0. */
export const milliseconds = z.int().min(0);
/** A share in [0, 1]. */
export const share = z.number().min(0).max(1);
/** A finite number > 0. */
export const positive = z.number().gt(0);
/** 32-bit seed. */
export const seed = z.int().min(0).max(0xffffffff);
export const text = z.string().min(1);
