import { SYNTHETIC_PRESETS, type SyntheticKnobs, type SyntheticPreset } from './knobs.js';
import type { MessageKnobs } from './messages.js';

/** `input.synthetic` of the configuration: a preset, and knobs that override it. */
export interface SyntheticOptions extends Partial<SyntheticKnobs> {
  readonly preset: SyntheticPreset;
  readonly seed: number;
  /** null: every impression carries its label, in the order of event time */
  readonly messages: MessageKnobs | null;
}

export function knobsOf({ preset, seed: _seed, messages: _messages, ...overrides }: SyntheticOptions): SyntheticKnobs {
  return { ...SYNTHETIC_PRESETS[preset], ...overrides };
}
