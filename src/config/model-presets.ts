import type { z } from 'zod';
import type { batching } from './sections/fold.js';
import type { model } from './sections/model.js';

type ModelInput = NonNullable<z.input<typeof model>>;

/** Sections that a preset has a say in. */
interface PresetSections {
  readonly model?: Omit<ModelInput, 'preset'>;
  readonly batching?: z.input<typeof batching>;
}

/**
 * What a preset says instead of the defaults of the keys, which are those of `paper`: the paper's sizes with the governed
 * adversary, since the printed one diverges on a stream (algorithm.md A.4), and no dropout, since one pass does not
 * overfit (D.11). `default` is the residual recipe: DADIN learns what a linear part that learns at every event leaves.
 */
const MODEL_PRESETS: Readonly<Record<NonNullable<ModelInput['preset']>, PresetSections>> = {
  default: {
    model: { width: 16, hidden: [64, 32, 16], statistics: true, linear: true, adversary: { mode: 'auto' } },
    batching: { size: 32 },
  },
  paper: {},
  literal: {
    model: { threshold: { mode: 'fixed', value: 0.5 }, dropout: 0.2, adversary: { mode: 'literal' } },
  },
  small: { model: { width: 16, hidden: [64, 32, 16] } },
};

/** What every preset says for a baseline: it has neither discriminators nor inputs for statistics. */
const BASELINE = { statistics: false, dropout: 0, adversary: { mode: 'off' } } as const;

/** Fills in what the chosen preset says where the configuration says nothing; leaves what is malformed to validation. */
export function withModelPreset(config: unknown): unknown {
  const given = config ?? {};
  if (!isMap(given)) return config;
  const section = given['model'] ?? {};
  if (!isMap(section)) return config;
  const preset = section['preset'] ?? 'default';
  if (typeof preset !== 'string' || !Object.hasOwn(MODEL_PRESETS, preset)) return config;
  const sections = MODEL_PRESETS[preset as keyof typeof MODEL_PRESETS];
  const kind = section['kind'] ?? 'dadin';
  return filled(given, kind === 'dadin' ? { ...sections } : { ...sections, model: { ...sections.model, ...BASELINE } });
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
