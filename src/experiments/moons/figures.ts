import { PCA } from 'ml-pca';
import type { Ops } from '../../core/index.js';
import { moons, type Points } from './data.js';
import { domainAccuracy, trainDomainNetwork, trainVariant, union } from './experiment.js';
import { type MoonNetwork, REPRESENTATION } from './network.js';

/** Cells a side of the pictures' grid. */
const GRID = 120;
const SIZE = 420;
const COLOURS = { source: ['#7fb3e6', '#d9534f'], target: ['#e8c33c', '#8a6d00'] } as const;

/** Figures 4, 5 and 6 of the paper for one seed, protocol `unsup`, each an SVG with its caption. */
export function moonFigures<T>(
  ops: Ops<T>,
  seed: number,
): readonly { readonly caption: string; readonly svg: string }[] {
  const data = moons(seed);
  const both = union(data);
  const dadin = trainVariant(ops, data, 'unsup', 'dadin', seed);
  const joint = trainVariant(ops, data, 'unsup', 'joint', seed);
  const domains = trainDomainNetwork(ops, data, seed);
  const box = boxOf(both);
  const grid = gridPoints(box);
  const points = [...marks(data.source, box, COLOURS.source), ...marks(data.target, box, COLOURS.target)];
  const decision = (network: MoonNetwork<T>) => network.outputs(grid).logit;
  const [ours, theirs] = [decision(dadin), decision(joint)];
  const outputs = dadin.outputs(both);
  return [
    {
      caption:
        'Figure 4. Fill: class by DADIN; black line: its boundary, green line: that of joint training. Source blue and red, target yellow and brown (no target label was shown).',
      svg: picture([
        ...cells(ours, '#dce9f7', '#f9e0df'),
        ...boundary(ours, '#000'),
        ...boundary(theirs, '#2e8b57'),
        ...points,
      ]),
    },
    {
      caption: `Figure 5, left. Domain by D† on what DADIN makes of a point: accuracy ${domainAccuracy(outputs.domainLogit).toFixed(3)}.`,
      svg: picture([...cells(dadin.outputs(grid).domainLogit, '#dce9f7', '#f7efc9'), ...points]),
    },
    {
      caption: `Figure 5, right. Domain by a network of the same shape on the point itself: accuracy ${domainAccuracy(domains.outputs(both).logit).toFixed(3)}.`,
      svg: picture([...cells(decision(domains), '#dce9f7', '#f7efc9'), ...points]),
    },
    ...(['specific', 'agnostic'] as const).map((of) => ({
      caption: `Figure 6, ${of === 'specific' ? 'left: before' : 'right: behind'} the domain-agnostic layers, first two principal components of both domains; densities at the edges.`,
      svg: projection(outputs[of], data.source, data.target),
    })),
  ];
}

type Box = readonly [left: number, bottom: number, width: number, height: number];

/** The points' bounding box and a tenth more on each side. */
function boxOf(x: Float64Array): Box {
  const of = (column: number) => x.filter((_, i) => i % 2 === column);
  const range = (values: Float64Array): [number, number] => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return [low - 0.1 * (high - low), 1.2 * (high - low)];
  };
  const [[left, width], [bottom, height]] = [range(of(0)), range(of(1))];
  return [left, bottom, width, height];
}

function gridPoints([left, bottom, width, height]: Box): Float64Array {
  const x = new Float64Array(2 * GRID * GRID);
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      x[2 * (row * GRID + column)] = left + ((column + 0.5) / GRID) * width;
      x[2 * (row * GRID + column) + 1] = bottom + ((row + 0.5) / GRID) * height;
    }
  }
  return x;
}

/** One path a class: the cells where the logit is negative, and where it is not. */
function cells(logit: Float64Array, negative: string, positive: string): string[] {
  return [negative, positive].map((colour, kind) => {
    let path = '';
    for (let row = 0; row < GRID; row++) {
      for (let from = 0; from < GRID; ) {
        const isOn = (column: number) => (logit[row * GRID + column]! > 0 ? 1 : 0) === kind;
        let to = from;
        while (to < GRID && isOn(to) === isOn(from)) to++;
        if (isOn(from)) path += `M${cell(from)} ${cell(GRID - row - 1)}H${cell(to)}v${cell(1)}H${cell(from)}z`;
        from = to;
      }
    }
    return `<path d="${path}" fill="${colour}"/>`;
  });
}

function cell(index: number): string {
  return ((index * SIZE) / GRID).toFixed(1);
}

/** Edges of cells between which the sign changes. */
function boundary(logit: Float64Array, colour: string): string[] {
  const sign = (row: number, column: number) => logit[row * GRID + column]! > 0;
  let path = '';
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const [x, y] = [cell(column + 1), cell(GRID - row - 1)];
      if (column + 1 < GRID && sign(row, column) !== sign(row, column + 1)) path += `M${x} ${y}v${cell(1)}`;
      if (row + 1 < GRID && sign(row, column) !== sign(row + 1, column)) path += `M${cell(column)} ${y}h${cell(1)}`;
    }
  }
  return [`<path d="${path}" stroke="${colour}" stroke-width="2" fill="none"/>`];
}

function marks({ x, label }: Points, [left, bottom, width, height]: Box, colours: readonly [string, string]): string[] {
  return Array.from(label, (one, i) => {
    const cx = ((x[2 * i]! - left) / width) * SIZE;
    const cy = SIZE - ((x[2 * i + 1]! - bottom) / height) * SIZE;
    return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="3" fill="${colours[one === 1 ? 1 : 0]}" stroke="#0006"/>`;
  });
}

function projection(features: Float64Array, source: Points, target: Points): string {
  const rows = Array.from({ length: features.length / REPRESENTATION }, (_, i) => [
    ...features.subarray(i * REPRESENTATION, (i + 1) * REPRESENTATION),
  ]);
  const projected = new PCA(rows).predict(rows, { nComponents: 2 }).to2DArray();
  const x = Float64Array.from(projected.flat());
  const box = boxOf(x);
  const half = x.length / 2;
  const domains = [
    { points: { x: x.subarray(0, half), label: source.label }, colours: COLOURS.source },
    { points: { x: x.subarray(half), label: target.label }, colours: COLOURS.target },
  ];
  return picture(
    domains.flatMap(({ points, colours }) => [
      ...marks(points, box, colours),
      density(points.x, 0, box, colours[1]),
      density(points.x, 1, box, colours[1]),
    ]),
  );
}

/** Gaussian kernel density with Silverman's width, along the top (column 0) or the right edge (column 1). */
function density(x: Float64Array, column: 0 | 1, [left, bottom, width, height]: Box, colour: string): string {
  const values = x.filter((_, i) => i % 2 === column);
  const [start, length] = column === 0 ? [left, width] : [bottom, height];
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  const bandwidth = 1.06 * (deviation || 1e-9) * values.length ** -0.2;
  const heights = Array.from({ length: 81 }, (_, k) => {
    const at = start + (k / 80) * length;
    return values.reduce((sum, v) => sum + Math.exp(-0.5 * ((at - v) / bandwidth) ** 2), 0);
  });
  const highest = Math.max(...heights, 1e-12);
  const path = heights.map((value, k) => {
    const along = (k / 80) * SIZE;
    const out = (value / highest) * 50;
    return column === 0
      ? `${along.toFixed(1)} ${out.toFixed(1)}`
      : `${(SIZE - out).toFixed(1)} ${(SIZE - along).toFixed(1)}`;
  });
  return `<path d="M${path.join('L')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
}

function picture(shapes: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" role="img" width="${SIZE}" height="${SIZE}"><rect width="${SIZE}" height="${SIZE}" fill="#fff"/>${shapes.join('')}</svg>`;
}
