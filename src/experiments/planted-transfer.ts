import { replay } from '../../pipelines/replay.js';
import { parseConfig } from '../config/index.js';
import { bug } from '../core/index.js';
import type { TransferReport } from '../evaluation/index.js';

const TASTE = ['history=0', 'taste=1.5', 'profileShare=0.9'];

/**
 * Streams whose source domain helps, says nothing, or misleads, by construction: users of one age and city like the same
 * topics in both domains (`positive`), like in the target what they dislike in the source (`negative`), or click whatever
 * is shown, in either domain (`zero`). Knobs of `input.synthetic` over its preset `test`.
 */
const PLANTED = {
  positive: [...TASTE, 'conceptShiftDegrees=0'],
  zero: ['history=0', 'taste=0', 'quality=0'],
  negative: [...TASTE, 'conceptShiftDegrees=180'],
} as const;

export type Planted = keyof typeof PLANTED;

export const PLANTED_KINDS = Object.keys(PLANTED) as readonly Planted[];

/** What the ledger's verdict on such a stream is when it is right. */
export const RIGHT_VERDICT = { positive: 'helps', zero: 'undecided', negative: 'hurts' } as const;

interface PlantedRun {
  readonly events: number;
  /** Of the stream and of the learner. */
  readonly seed: number;
  /** Further configuration keys. */
  readonly overrides?: readonly string[];
}

/** The ledger of the product's recipe over one of these streams. */
export async function plantedTransfer(
  planted: Planted,
  { events, seed, overrides = [] }: PlantedRun,
): Promise<TransferReport> {
  const config = parseConfig('', 'planted', {
    env: {},
    overrides: [
      'input.kind=synthetic',
      'features.shared=[topic]',
      ...[...PLANTED[planted], `events=${events}`, `seed=${seed}`].map((knob) => `input.synthetic.${knob}`),
      `seed=${seed}`,
      'transfer.ledger=true',
      ...overrides,
    ],
  });
  const { transfer } = await replay(config, {
    baseDirectory: '.',
    resume: 'never',
    stop: new AbortController().signal,
    observer: { started() {}, turn() {}, notice() {} },
  });
  return transfer ?? bug('a run with a ledger reports none');
}
