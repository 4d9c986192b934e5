import { DOMAIN_CODE, type Domain, type Item, NAMESPACE, type Sample } from '../core/index.js';
import type { FeatureHasher } from '../features/index.js';
import type { Described, FeatureValues, ScoreRequest } from './score-request.js';
import type { ScorerOptions } from './scorer-options.js';

type Names = Pick<ScorerOptions, 'history' | 'sharedFeatures'>;

/** The request as impressions, one a candidate: ids made and histories cut as the learner does it. */
export function samplesOf(request: ScoreRequest, hasher: FeatureHasher, options: Names): Sample[] {
  const { user, candidates, histories, domain = 'target' } = request;
  const items = new Items(hasher, options.sharedFeatures);
  const userFeatureIds = [hasher.id(NAMESPACE.user, 'user', user.id)];
  pushFeatures(userFeatureIds, user.features, (name, value) => hasher.id(NAMESPACE.user, name, value));
  const { length, sourceClicks } = options.history;
  const newest = (clicked: readonly Described[] | undefined, of: Domain) =>
    (clicked ?? []).slice(-length).map((item) => items.of(item, of));
  const historyTarget = newest(histories?.target, 'target');
  const historySource = sourceClicks ? newest(histories?.source, 'source') : [];
  return candidates.map((candidate, sequence) => ({
    sequence,
    eventId: '',
    impressionId: '',
    eventTimeMs: 0,
    domain: DOMAIN_CODE[domain],
    userId: user.id,
    itemId: candidate.id,
    userFeatureIds,
    item: items.of(candidate, domain),
    historyTarget,
    historySource,
    coldUser: false,
    newItem: false,
    dense: new Float32Array(0),
    offset: 0,
    targetOnly: null,
    logit: Number.NaN,
    scoredAtStep: -1,
    label: -1,
    replays: 0,
  }));
}

/** Items of one request; the same description twice is one item. */
class Items {
  readonly #hasher: FeatureHasher;
  readonly #shared: ReadonlySet<string>;
  readonly #known = new Map<Described, Item>();

  constructor(hasher: FeatureHasher, sharedFeatures: readonly string[]) {
    this.#hasher = hasher;
    this.#shared = new Set(sharedFeatures);
  }

  of(described: Described, domain: Domain): Item {
    const known = this.#known.get(described);
    if (known !== undefined && known.domain === DOMAIN_CODE[domain]) return known;
    const own = domain === 'target' ? NAMESPACE.itemTarget : NAMESPACE.itemSource;
    const ids = [this.#hasher.id(own, 'item', described.id)];
    pushFeatures(ids, described.features, (name, value) =>
      this.#hasher.id(this.#shared.has(name) ? NAMESPACE.shared : own, name, value),
    );
    const item: Item = {
      serial: this.#known.size,
      domain: DOMAIN_CODE[domain],
      featureIds: Float64Array.from(ids),
      impressions: 0,
      batchStamp: -1,
      batchSlot: -1,
    };
    this.#known.set(described, item);
    return item;
  }
}

/** In name order, as configurations have them: sums of floats depend on it. */
function pushFeatures(
  ids: number[],
  features: FeatureValues | undefined,
  id: (name: string, value: string) => number,
): void {
  if (features === undefined) return;
  for (const name of Object.keys(features).sort()) {
    const value = features[name]!;
    if (typeof value === 'string') ids.push(id(name, value));
    else for (const one of value) ids.push(id(name, one));
  }
}
