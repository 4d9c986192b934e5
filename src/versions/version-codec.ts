import { decodeSafetensors, encodeSafetensors } from '../checkpoint/index.js';
import type { NamedTensor, ServingPart, ServingTable } from '../core/index.js';
import { argsort } from './argsort.js';
import { type RowFormat, type TableShapes, unreadable, type VersionManifest } from './manifest.js';
import { packRows, unpackRows } from './row-format.js';

const IDS = 'ids';
const REMOVED = 'removed';
/** The table whose columns a row format changes. */
const EMBEDDING = 'embedding';

/**
 * `model.safetensors` of a version: the tensors, then of each table `NAME.ids` F64 [n] ascending, its columns `NAME.COLUMN`
 * in the order of the ids, and `NAME.removed` F64 where only changes are given. Equal content makes equal bytes. `rows`: how
 * embedding rows are written.
 */
export function encodeServing({ tensors, tables, wholeBecause }: ServingPart, rows: RowFormat = 'float32'): Buffer {
  return encodeSafetensors([
    ...tensors,
    ...tables.flatMap((table) => {
      const { name, ids, columns, removed } = inOrder(table);
      const written = columns.flatMap((column) => (name === EMBEDDING ? packRows(column, rows) : column));
      const own: NamedTensor[] = [{ name: IDS, shape: [ids.length], data: ids }, ...written];
      if (wholeBecause === null) own.push({ name: REMOVED, shape: [removed.length], data: removed });
      return own.map((tensor) => ({ ...tensor, name: `${name}.${tensor.name}` }));
    }),
  ]);
}

/** Back again, embedding rows as 32-bit floats. */
export function decodeServing(
  bytes: Uint8Array,
  { tables, wholeBecause, rows: format }: Pick<VersionManifest, 'tables' | 'wholeBecause' | 'rows'>,
): ServingPart {
  const byName = new Map(decodeSafetensors(bytes).map((tensor) => [tensor.name, tensor]));
  const take = (name: string, rows: number): NamedTensor => {
    const tensor = byName.get(name);
    byName.delete(name);
    if (tensor?.shape[0] === rows) return tensor;
    throw unreadable(`the version's ${name} does not fit its manifest`, {
      got: tensor === undefined ? 'no such tensor' : `[${tensor.shape}]`,
      expected: `${rows} rows`,
    });
  };
  const parts = Object.entries(tables).map(([name, { rows, removed, columns }]): ServingTable => {
    const ids = floats(take(`${name}.${IDS}`, rows));
    const read = (column: string) =>
      name === EMBEDDING ? unpackRows(column, format, (tensor) => take(tensor, rows)) : take(column, rows);
    const values = columns.map((column) => ({ ...read(`${name}.${column}`), name: column }));
    const gone = wholeBecause === null ? floats(take(`${name}.${REMOVED}`, removed)) : new Float64Array(0);
    return { name, ids, columns: values, removed: gone };
  });
  return { tensors: [...byName.values()], tables: parts, wholeBecause };
}

/** What a manifest says of the tables. */
export function shapesOf(tables: readonly ServingTable[]): TableShapes {
  return Object.fromEntries(
    tables.map(({ name, ids, columns, removed }) => [
      name,
      { rows: ids.length, removed: removed.length, columns: columns.map((column) => column.name) },
    ]),
  );
}

function floats({ name, data }: NamedTensor): Float64Array {
  if (data instanceof Float64Array) return data;
  throw unreadable(`the version's ${name} is not of 64-bit floats`);
}

function inOrder({ name, ids, columns, removed }: ServingTable): ServingTable {
  const order = argsort(ids);
  return {
    name,
    ids: Float64Array.from(order, (place) => ids[place]!),
    columns: columns.map((column) => ({ ...column, data: rowsInOrder(column, order) })),
    removed: Float64Array.from(argsort(removed), (place) => removed[place]!),
  };
}

function rowsInOrder({ data, shape }: NamedTensor, order: Uint32Array): NamedTensor['data'] {
  const width = shape[1] ?? 1;
  const sorted = data.slice();
  for (let i = 0; i < order.length; i++) {
    const from = order[i]! * width;
    const to = i * width;
    for (let j = 0; j < width; j++) sorted[to + j] = data[from + j]!;
  }
  return sorted;
}
