import type { NamedTensor } from '../core/index.js';

/** How far a tensor of one shape in both moved. */
export interface TensorDistance {
  readonly name: string;
  readonly values: number;
  /** Root of the mean squared difference. */
  readonly rms: number;
  /** Euclidean distance over the norm in A; null where that is 0. */
  readonly relative: number | null;
  readonly greatest: number;
}

/** Rows of one table, by id. `distance`: of the ids that both have; null where there are none, or their rows differ in width. */
export interface TableDistance {
  readonly name: string;
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  /** Ids of both whose rows differ. */
  readonly changed: number;
  readonly distance: TensorDistance | null;
}

/** Arrays of one length, at least one value. */
export function distanceOf(name: string, a: NamedTensor['data'], b: NamedTensor['data']): TensorDistance {
  let squares = 0;
  let norm = 0;
  let greatest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = b[i]! - a[i]!;
    squares += difference * difference;
    norm += a[i]! * a[i]!;
    greatest = Math.max(greatest, Math.abs(difference));
  }
  return {
    name,
    values: a.length,
    rms: Math.sqrt(squares / a.length),
    relative: norm === 0 ? null : Math.sqrt(squares / norm),
    greatest,
  };
}

/** `rows`: [ids, width]. */
interface Rows {
  readonly ids: ArrayLike<number>;
  readonly rows: NamedTensor;
}

export function tableDistance(name: string, a: Rows, b: Rows): TableDistance {
  const width = a.rows.shape[1] ?? 1;
  const sameWidth = width === (b.rows.shape[1] ?? 1);
  const placeInB = new Map<number, number>();
  for (let place = 0; place < b.ids.length; place++) placeInB.set(b.ids[place]!, place);
  const left: number[] = [];
  const right: number[] = [];
  let both = 0;
  let changed = 0;
  for (let place = 0; place < a.ids.length; place++) {
    const other = placeInB.get(a.ids[place]!);
    if (other === undefined) continue;
    both++;
    let differs = !sameWidth;
    for (let j = 0; sameWidth && j < width; j++) {
      const x = a.rows.data[place * width + j]!;
      const y = b.rows.data[other * width + j]!;
      left.push(x);
      right.push(y);
      differs ||= x !== y;
    }
    if (differs) changed++;
  }
  return {
    name,
    both,
    onlyA: a.ids.length - both,
    onlyB: b.ids.length - both,
    changed,
    distance: left.length === 0 ? null : distanceOf(name, Float64Array.from(left), Float64Array.from(right)),
  };
}
