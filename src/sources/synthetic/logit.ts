import { ClickHistories } from './click-histories.js';
import type { Rows } from './rows.js';
import type { World } from './world.js';

export function emptyHistories({ knobs, catalogues }: World): ClickHistories {
  return new ClickHistories(knobs.users, knobs.histLen, knobs.topics, [catalogues[0].topicOf, catalogues[1].topicOf]);
}

/** taste * <theta_u, tau> + quality * kappa of the current row: its logit without base rate and history. */
export function staticLogit(world: World, rows: Rows): number {
  const { knobs, taste, catalogues, flips } = world;
  const { topicOf, topicVectors, quality } = catalogues[rows.domain];
  const k = knobs.latent;
  const topic = topicOf[rows.item]!;
  let affinity = 0;
  for (let j = 0; j < k; j++) affinity += taste[rows.user * k + j]! * topicVectors[topic * k + j]!;
  if (rows.newConcept && flips[topic] === 1) affinity = -affinity;
  return knobs.taste * affinity + knobs.quality * quality[rows.item]!;
}

/** f in [0, 1]: whether, or how much, the kept clicks share the candidate's topic. */
export function historyFeature(mode: 'any' | 'share', histories: ClickHistories, user: number, topic: number): number {
  const same = histories.withTopic(user, topic);
  return mode === 'any' ? Math.min(1, same) : same === 0 ? 0 : same / histories.kept(user);
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
