import type { LearnerState, NamedTensor, StateValue } from '../core/index.js';

/** What a learner's state is laid over another with. */
export interface Overlay {
  readonly state: LearnerState;
  /** What could not be kept. */
  readonly startedAnew: readonly string[];
}

interface EngineRest {
  readonly [key: string]: StateValue;
  readonly weights: { readonly [key: string]: StateValue; readonly table: { readonly [key: string]: StateValue } };
  readonly guard: { readonly [key: string]: StateValue };
}

/** Optimizer slots over all dense parameters, which lie end to end in the order of the tensors, discriminators last. */
const FLAT_PARTS = ['dense', 'discriminators'];
const FLAT_SLOTS = ['m', 'v'];
const EMBEDDING = 'embedding.';

/**
 * The state of one engine, freshly started under a new configuration, with everything of an old one that still fits:
 * dense tensors of the same name and shape with their slots, the embedding table where its width is the same, step
 * counts, governor and guard. The guard's copy becomes the overlaid weights, and there is nothing to go back to.
 */
export function overlayEngine(fresh: LearnerState, old: LearnerState): Overlay {
  const startedAnew: string[] = [];
  const keepsTable = embeddingWidth(fresh) === embeddingWidth(old);
  const kept = fittingTensors(fresh.model, old.model, startedAnew);
  const dense = denseOf(fresh.model).map((tensor) => kept.get(tensor.name) ?? tensor);
  const table = keepsTable ? old : fresh;
  if (!keepsTable) startedAnew.push('embedding rows');
  const model = [...dense, ...table.model.filter(isEmbedding)];
  const optimizer = [
    ...overlaySlots(fresh, old, new Set(kept.keys())),
    ...fresh.optimizer.filter(isEmbedding).map((tensor) => (keepsTable ? rowSlot(tensor, old, startedAnew) : tensor)),
  ];
  const [freshRest, oldRest] = [fresh.rest as unknown as EngineRest, old.rest as unknown as EngineRest];
  const weights = {
    ...freshRest.weights,
    ...oldRest.weights,
    // a changed time to live takes effect at the next sweep
    table: keepsTable ? { ...oldRest.weights.table, nextExpiryMs: Number.NEGATIVE_INFINITY } : freshRest.weights.table,
  };
  const guard = { ...oldRest.guard, copy: null, suspended: null };
  return {
    state: { model, optimizer, rest: { ...freshRest, ...oldRest, weights, guard } },
    startedAnew,
  };
}

/** Columns of an embedding row. */
export function embeddingWidth({ model }: LearnerState): number {
  return model.find(({ name }) => name === `${EMBEDDING}rows`)?.shape[1] ?? 0;
}

function fittingTensors(
  fresh: readonly NamedTensor[],
  old: readonly NamedTensor[],
  startedAnew: string[],
): Map<string, NamedTensor> {
  const byName = new Map(old.map((tensor) => [tensor.name, tensor]));
  const kept = new Map<string, NamedTensor>();
  for (const { name, shape } of denseOf(fresh)) {
    const tensor = byName.get(name);
    if (tensor !== undefined && String(tensor.shape) === String(shape)) kept.set(name, tensor);
    else startedAnew.push(name);
  }
  return kept;
}

/** Adam's moments of the kept tensors; 0 elsewhere. */
function overlaySlots(fresh: LearnerState, old: LearnerState, kept: ReadonlySet<string>): NamedTensor[] {
  return FLAT_PARTS.flatMap((part) => FLAT_SLOTS.map((slot) => `${part}.${slot}`)).flatMap((name) => {
    const slot = name.split('.')[1]!;
    const tensor = fresh.optimizer.find((candidate) => candidate.name === name);
    if (tensor === undefined) return [];
    const oldPlaces = places(old.model);
    const oldValues = flat(old, slot);
    const values = new Float32Array(flat(fresh, slot).length);
    for (const [tensorName, { start, length }] of places(fresh.model)) {
      const from = oldPlaces.get(tensorName);
      if (kept.has(tensorName) && from !== undefined)
        values.set(oldValues.subarray(from.start, from.start + length), start);
    }
    const isFirst = name.startsWith(FLAT_PARTS[0]!);
    const first = fresh.optimizer.find((candidate) => candidate.name === `${FLAT_PARTS[0]}.${slot}`)!.data.length;
    return [{ ...tensor, data: isFirst ? values.slice(0, first) : values.slice(first) }];
  });
}

/** One value a dense parameter, all parts end to end. */
function flat({ optimizer }: LearnerState, slot: string): Float32Array {
  const parts = FLAT_PARTS.flatMap((part) => optimizer.find(({ name }) => name === `${part}.${slot}`)?.data ?? []);
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Where each dense tensor lies in the flat vector. */
function places(model: readonly NamedTensor[]): Map<string, { start: number; length: number }> {
  let start = 0;
  return new Map(
    denseOf(model).map(({ name, data }) => {
      const place = { start, length: data.length };
      start += data.length;
      return [name, place];
    }),
  );
}

/** A slot of the kept rows: the old one where the optimizer has it, else 0 for every row. */
function rowSlot(fresh: NamedTensor, old: LearnerState, startedAnew: string[]): NamedTensor {
  const kept = old.optimizer.find(({ name }) => name === fresh.name);
  if (kept !== undefined && kept.shape[1] === fresh.shape[1]) return kept;
  startedAnew.push(`${fresh.name} (optimizer)`);
  const rows = old.model.find(({ name }) => name === `${EMBEDDING}ids`)?.data.length ?? 0;
  const width = fresh.shape[1];
  const shape = width === undefined ? [rows] : [rows, width];
  return { name: fresh.name, shape, data: new Float32Array(rows * (width ?? 1)) };
}

function denseOf(model: readonly NamedTensor[]): NamedTensor[] {
  return model.filter((tensor) => !isEmbedding(tensor));
}

function isEmbedding({ name }: NamedTensor): boolean {
  return name.startsWith(EMBEDDING);
}
