import type { LearnerState, NamedTensor, StateValue } from '../core/index.js';
import { type Overlay, overlayEngine } from './overlay-engine.js';

/** Tensors of the model that does not score, where two race (training/racing-engine.ts). */
const BESIDE = 'race.';

interface Raced {
  readonly champion: LearnerState;
  readonly other: LearnerState;
  readonly race: StateValue;
}

/**
 * A learner's state under a new configuration with what of an old one still fits. Where a race begins, both models start
 * from the one that was; where it ends, the one that scores stays.
 */
export function overlayLearner(fresh: LearnerState, old: LearnerState): Overlay {
  const [freshRace, oldRace] = [apart(fresh), apart(old)];
  const oldChampion = oldRace?.champion ?? old;
  if (freshRace === null) return overlayEngine(fresh, oldChampion);
  const champion = overlayEngine(freshRace.champion, oldChampion);
  const other = overlayEngine(freshRace.other, oldRace?.other ?? oldChampion);
  return {
    state: together({ champion: champion.state, other: other.state, race: (oldRace ?? freshRace).race }),
    startedAnew: champion.startedAnew,
  };
}

/** The two models of a race; null where one learns alone. */
function apart({ model, optimizer, rest }: LearnerState): Raced | null {
  const parts = rest as unknown as RaceRest;
  if (parts.race === undefined) return null;
  const beside = optimizer
    .filter(({ name }) => name.startsWith(BESIDE))
    .map((tensor) => ({ ...tensor, name: tensor.name.slice(BESIDE.length) }));
  const inModel = (tensor: NamedTensor) => parts.otherModel.includes(tensor.name);
  return {
    champion: { model, optimizer: optimizer.filter(({ name }) => !name.startsWith(BESIDE)), rest: parts.champion },
    other: { model: beside.filter(inModel), optimizer: beside.filter((t) => !inModel(t)), rest: parts.other },
    race: parts.race,
  };
}

function together({ champion, other, race }: Raced): LearnerState {
  const beside = [...other.model, ...other.optimizer].map((tensor) => ({ ...tensor, name: BESIDE + tensor.name }));
  return {
    model: champion.model,
    optimizer: [...champion.optimizer, ...beside],
    rest: { champion: champion.rest, other: other.rest, otherModel: other.model.map(({ name }) => name), race },
  };
}

interface RaceRest {
  readonly champion: StateValue;
  readonly other: StateValue;
  readonly otherModel: readonly string[];
  readonly race: StateValue | undefined;
}
