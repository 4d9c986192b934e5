import { featureId, NAMESPACE, type SampleBatch, type SeededRandom } from '../../../src/core/index.js';

export interface RandomBatchOptions {
  readonly size: number;
  readonly users: number;
  readonly items: number;
  /** Longest history of each domain. */
  readonly historyLength: number;
  readonly denseWidth?: number;
  /** Domain of every row; mixed where absent. */
  readonly domain?: 0 | 1;
}

/** Rows with two user features, items of the row's domain with two features, one of them shared, and ragged histories. */
export function randomBatch(random: SeededRandom, options: RandomBatchOptions): SampleBatch {
  const { size, users, items, historyLength, denseWidth = 0 } = options;
  const numbers = new Map<string, number>();
  const itemIds: number[] = [];
  const itemSplits = [0];
  const item = (domain: number): number => {
    const n = random.below(items);
    const key = `${domain}/${n}`;
    const found = numbers.get(key);
    if (found !== undefined) return found;
    itemIds.push(featureId(domain === 1 ? NAMESPACE.itemTarget : NAMESPACE.itemSource, 1 + n));
    itemIds.push(featureId(NAMESPACE.shared, 1 + (n % 5)));
    itemSplits.push(itemIds.length);
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  };
  const history = (domain: number) => {
    const splits = [0];
    const list: number[] = [];
    for (let i = 0; i < size; i++) {
      const length = random.below(historyLength + 1);
      for (let l = 0; l < length; l++) list.push(item(domain));
      splits.push(list.length);
    }
    return { splits: Int32Array.from(splits), items: Int32Array.from(list) };
  };
  const domain = Uint8Array.from(
    { length: size },
    (_, i) => options.domain ?? (i === 0 ? 1 : i === 1 ? 0 : random.below(2)),
  );
  const userIds: number[] = [];
  for (let i = 0; i < size; i++) {
    userIds.push(featureId(NAMESPACE.user, 1 + random.below(users)));
    userIds.push(featureId(NAMESPACE.user, 100_000 + random.below(7)));
  }
  const candidate = Int32Array.from(domain, (code) => item(code));
  const histT = history(1);
  const histS = history(0);
  return {
    size,
    domain,
    label: Float32Array.from({ length: size }, () => random.below(2)),
    weight: new Float32Array(size).fill(1),
    offset: new Float32Array(size),
    dense: Float32Array.from({ length: size * denseWidth }, () => random.normal()),
    denseWidth,
    userSplits: Int32Array.from({ length: size + 1 }, (_, i) => 2 * i),
    userIds: Float64Array.from(userIds),
    itemSplits: Int32Array.from(itemSplits),
    itemIds: Float64Array.from(itemIds),
    candidate,
    histT,
    histS,
  };
}
