import type { StateValue } from '../core/index.js';

interface FoldStages {
  readonly [stage: string]: StateValue;
}

interface MixerState {
  readonly [key: string]: StateValue;
}

interface LinearState {
  readonly kind: string;
  readonly mask: number;
}

/** Stages whose state has the form that these keys give it. */
const FORMED_BY: Readonly<Record<string, readonly string[]>> = {
  evaluation: ['evaluation.bins'],
  rows: ['labels.mode', 'labels.firstLookMs', 'labels.attributionWindowMs', 'model.linear'],
};
const REPLAY_KEYS = ['batching.recencyRows', 'batching.reservoirRows', 'batching.replayShare'];

/**
 * The front half's state under a new configuration: every stage of the old one that exists in both and keeps its form.
 * A stage only the new configuration has starts empty, one it no longer has is dropped.
 */
export function overlayFold(
  fresh: StateValue,
  old: StateValue,
  changedKeys: readonly string[],
): { readonly state: StateValue; readonly startedAnew: readonly string[] } {
  const startedAnew: string[] = [];
  const [freshStages, oldStages] = [fresh as FoldStages, old as FoldStages];
  const entries = Object.entries(freshStages).map(([stage, empty]): [string, StateValue] => {
    const state = oldStages[stage];
    const isReformed = (FORMED_BY[stage] ?? []).some((key) => changedKeys.includes(key));
    if (state === undefined || isReformed || kindOf(state) !== kindOf(empty) || isOtherTable(stage, state, empty)) {
      // a stage that is switched off has nothing to start
      if (empty !== null) startedAnew.push(stage);
      return [stage, empty];
    }
    if (stage !== 'mixer' || !REPLAY_KEYS.some((key) => changedKeys.includes(key))) return [stage, state];
    startedAnew.push('replay buffers');
    const { target, source } = empty as MixerState;
    return [stage, { ...(state as MixerState), target: target!, source: source! }];
  });
  return { state: Object.fromEntries(entries), startedAnew };
}

/** A linear part of another kind or size; weights of another rate or other crosses are kept. */
function isOtherTable(stage: string, old: StateValue, fresh: StateValue): boolean {
  if (stage !== 'linear' || old === null || fresh === null) return false;
  const [a, b] = [old as unknown as LinearState, fresh as unknown as LinearState];
  return a.kind !== b.kind || a.mask !== b.mask;
}

function kindOf(value: StateValue): string {
  return value === null ? 'nothing' : ArrayBuffer.isView(value) ? value.constructor.name : typeof value;
}
