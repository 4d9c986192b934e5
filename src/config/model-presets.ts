import type { z } from 'zod';
import type { model } from './sections/model.js';

type ModelInput = NonNullable<z.input<typeof model>>;

/**
 * What a preset says instead of the defaults. `paper` is the defaults: the paper's sizes with the governed adversary,
 * since the printed one diverges on a stream (algorithm.md A.4), and no dropout, since one pass does not overfit (D.11).
 */
const MODEL_PRESETS: Readonly<Record<NonNullable<ModelInput['preset']>, Omit<ModelInput, 'preset'>>> = {
  paper: {},
  literal: { threshold: { mode: 'fixed', value: 0.5 }, dropout: 0.2, adversary: { mode: 'literal' } },
  small: { width: 16, hidden: [64, 32, 16] },
};

/** Fills in what the chosen preset says where `config.model` says nothing; leaves what is malformed to validation. */
export function withModelPreset(config: unknown): unknown {
  if (!isMap(config) || !isMap(config['model'])) return config;
  const preset = config['model']['preset'];
  if (typeof preset !== 'string' || !Object.hasOwn(MODEL_PRESETS, preset)) return config;
  return { ...config, model: filled(config['model'], MODEL_PRESETS[preset as keyof typeof MODEL_PRESETS]) };
}

function filled(explicit: Record<string, unknown>, defaults: Record<string, unknown>): Record<string, unknown> {
  const result = { ...explicit };
  for (const [key, value] of Object.entries(defaults)) {
    const own = explicit[key];
    if (own === undefined) result[key] = value;
    else if (isMap(own) && isMap(value)) result[key] = filled(own, value);
  }
  return result;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
