import { featureId } from '../core/index.js';

const MASK_50 = (1n << 50n) - 1n;

/**
 * The id of a feature, from the XXH64 (seed 0) of the UTF-8 bytes of `field=value`: its low 50 bits, 0 becoming 1,
 * behind the namespace. In Python, with the package xxhash:
 *
 *     namespace << 50 | (xxhash.xxh64_intdigest(f"{field}={value}".encode()) & (1 << 50) - 1 or 1)
 */
export function featureIdOfHash(namespace: number, xxh64: bigint): number {
  return featureId(namespace, Number(xxh64 & MASK_50) || 1);
}
