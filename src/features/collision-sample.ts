/** What the sample says about all features: distinct ones and pairs that share an id, scaled up by 1 / fraction. */
export interface CollisionReport {
  /** Distinct features in the sample. */
  readonly sampled: number;
  /** Share of the id space that is sampled. */
  readonly fraction: number;
  /** Features in the sample whose id belongs to another feature. */
  readonly collisions: number;
  /** The first few, for a message. */
  readonly examples: readonly string[];
}

const EXAMPLES = 8;

/**
 * Measures how often two features share an id. It keeps every feature whose id falls in a share of the id space, halved
 * whenever the sample is full: two features that collide have the same id, so either both are sampled or none, and the
 * collisions found are that share of all. Of n features about n^2 / 2^51 pairs collide: .04 at ten million.
 */
export class CollisionSample {
  readonly #capacity: number;
  #features = new Map<number, string>();
  /** Low bits that are 0 in a sampled id. */
  #mask = 0;
  #collisions = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(id: number, field: string, value: string): void {
    if (!this.#holds(id)) return;
    const feature = `${field}=${value}`;
    const first = this.#features.get(id);
    if (first === undefined) this.#features.set(id, feature);
    else if (first !== feature) this.#collisions.set(feature, id);
    while (this.#features.size + this.#collisions.size > this.#capacity) this.#halve();
  }

  report(): CollisionReport {
    const examples = [...this.#collisions]
      .slice(0, EXAMPLES)
      .map(([feature, id]) => `${feature} ~ ${this.#features.get(id)!}`);
    return {
      sampled: this.#features.size + this.#collisions.size,
      fraction: 1 / (this.#mask + 1),
      collisions: this.#collisions.size,
      examples,
    };
  }

  /** Ids are hashes, so their low bits sample evenly. */
  #holds(id: number): boolean {
    return (id & this.#mask) === 0;
  }

  #halve(): void {
    this.#mask = this.#mask * 2 + 1;
    for (const id of this.#features.keys()) if (!this.#holds(id)) this.#features.delete(id);
    for (const [feature, id] of this.#collisions) if (!this.#holds(id)) this.#collisions.delete(feature);
  }
}
