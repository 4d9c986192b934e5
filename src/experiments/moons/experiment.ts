import { DOMAIN_CODE, type Ops } from '../../core/index.js';
import { meanAndDeviation, type PairedMean, pairedMean } from '../standings.js';
import { labelled, type Moons, moons, type Points, PROTOCOLS, type Protocol } from './data.js';
import { bothDomains, MoonNetwork, type MoonOutput, REPRESENTATION } from './network.js';
import { linearProbe, type Probe } from './probe.js';

export const VARIANTS = ['targetOnly', 'joint', 'dadin'] as const;
export type Variant = (typeof VARIANTS)[number];

/** One network on one draw of the moons. */
export interface MoonRun {
  readonly protocol: Protocol;
  readonly variant: Variant;
  readonly seed: number;
  /** Target accuracy over all points, and over those whose label was not shown. */
  readonly accuracy: number;
  readonly hiddenAccuracy: number;
  /** Accuracy of D† on both domains; null without an adversary. */
  readonly discriminator: number | null;
  /** Linear probes for the domain; null where only one domain was seen. */
  readonly specific: Probe | null;
  readonly agnostic: Probe | null;
}

export interface MoonsResult {
  readonly seeds: readonly number[];
  readonly runs: readonly MoonRun[];
  /** A network of the same shape that learns the domain from the points themselves, by seed. */
  readonly domainNetwork: readonly number[];
  readonly acceptance: readonly Acceptance[];
}

/** One of the five claims of algorithm C. */
interface Acceptance {
  readonly claim: string;
  readonly measured: string;
  readonly holds: boolean;
}

export interface MoonsOptions<T> {
  readonly ops: Ops<T>;
  readonly seeds: readonly number[];
  readonly stop: AbortSignal;
  readonly onRun: (run: MoonRun) => void;
}

/** Three protocols, three variants, every seed: algorithm C. */
export function moonsExperiment<T>({ ops, seeds, stop, onRun }: MoonsOptions<T>): MoonsResult {
  const runs: MoonRun[] = [];
  const domainNetwork: number[] = [];
  const done: number[] = [];
  for (const seed of seeds) {
    if (stop.aborted) break;
    const data = moons(seed);
    domainNetwork.push(domainAccuracy(trainDomainNetwork(ops, data, seed).outputs(union(data)).logit));
    for (const protocol of PROTOCOLS) {
      for (const variant of VARIANTS) {
        if (protocol === 'unsup' && variant === 'targetOnly') continue; // nothing to learn from
        const run = runOf(ops, data, protocol, variant, seed);
        runs.push(run);
        onRun(run);
      }
    }
    done.push(seed);
  }
  return { seeds: done, runs, domainNetwork, acceptance: acceptance(runs, domainNetwork) };
}

/** The network of a variant after training, for figures. */
export function trainVariant<T>(
  ops: Ops<T>,
  data: Moons,
  protocol: Protocol,
  variant: Variant,
  seed: number,
): MoonNetwork<T> {
  const network = new MoonNetwork(ops, seed);
  const shown = labelled(protocol, data.target, seed);
  const batch =
    variant === 'targetOnly'
      ? { ...data.target, labelled: shown, domain: new Uint8Array(shown.length).fill(DOMAIN_CODE.target) }
      : bothDomains(data.source, data.target, shown);
  network.train(batch, variant === 'dadin');
  return network;
}

/** The same shape, learning which domain a point is of. */
export function trainDomainNetwork<T>(ops: Ops<T>, { source, target }: Moons, seed: number): MoonNetwork<T> {
  const network = new MoonNetwork(ops, seed);
  const batch = bothDomains(source, target, new Uint8Array(target.label.length).fill(1));
  network.train({ ...batch, label: batch.domain }, false);
  return network;
}

/** Points of both domains, source first: [2n,2]. */
export function union({ source, target }: Moons): Float64Array {
  return Float64Array.of(...source.x, ...target.x);
}

/** Share of the points, source first, whose domain the logit tells (> 0 is target). */
export function domainAccuracy(logit: Float64Array): number {
  const half = logit.length / 2;
  return logit.reduce((right, value, i) => right + (value > 0 === i >= half ? 1 : 0), 0) / logit.length;
}

function runOf<T>(ops: Ops<T>, data: Moons, protocol: Protocol, variant: Variant, seed: number): MoonRun {
  const network = trainVariant(ops, data, protocol, variant, seed);
  const shown = labelled(protocol, data.target, seed);
  const { logit } = network.outputs(data.target.x);
  const both = network.outputs(union(data));
  const probed = variant !== 'targetOnly';
  return {
    protocol,
    variant,
    seed,
    accuracy: accuracyOf(logit, data.target, () => true),
    hiddenAccuracy: accuracyOf(logit, data.target, (i) => shown[i] === 0),
    discriminator: variant === 'dadin' ? domainAccuracy(both.domainLogit) : null,
    specific: probed ? probeOf(both, 'specific', seed) : null,
    agnostic: probed ? probeOf(both, 'agnostic', seed) : null,
  };
}

function probeOf(output: MoonOutput, of: 'specific' | 'agnostic', seed: number): Probe {
  const domain = Uint8Array.from({ length: output.size }, (_, i) => (i >= output.size / 2 ? 1 : 0));
  return linearProbe(output[of], REPRESENTATION, domain, seed);
}

function accuracyOf(logit: Float64Array, { label }: Points, counts: (i: number) => boolean): number {
  let right = 0;
  let rows = 0;
  for (let i = 0; i < label.length; i++) {
    if (!counts(i)) continue;
    rows++;
    if (logit[i]! > 0 === (label[i] === 1)) right++;
  }
  return right / rows;
}

function acceptance(runs: readonly MoonRun[], domainNetwork: readonly number[]): Acceptance[] {
  if (runs.length === 0) return [];
  const of = <V>(protocol: Protocol, variant: Variant, value: (run: MoonRun) => V): V[] =>
    runs.filter((run) => run.protocol === protocol && run.variant === variant).map(value);
  const accuracies = (protocol: Protocol, variant: Variant) => of(protocol, variant, (run) => run.accuracy);
  const gain = (protocol: Protocol): PairedMean =>
    pairedMean(accuracies(protocol, 'dadin'), accuracies(protocol, 'joint'));
  const mean = (values: readonly number[]) => meanAndDeviation(values).mean;
  const [cold, unsup] = [gain('cold'), gain('unsup')];
  const n = domainNetwork.length;
  const discriminator = mean(of('unsup', 'dadin', (run) => run.discriminator!));
  const domains = mean(domainNetwork);
  const closer = of('unsup', 'dadin', (run) => run.agnostic!.accuracy < run.specific!.accuracy).filter(Boolean).length;
  const distance = mean(of('unsup', 'dadin', (run) => run.agnostic!.distance));
  const joint = mean(of('unsup', 'joint', (run) => run.agnostic!.distance));
  const half = mean(accuracies('half', 'dadin'));
  return [
    {
      claim: '(1) a region never seen: DADIN over joint training by .02 and in 7 of 10 seeds',
      measured: `${cold.mean.toFixed(3)}, ${cold.wins} of ${n}`,
      holds: cold.mean >= 0.02 && cold.wins >= 0.7 * n,
    },
    {
      claim: '(2) no target labels: DADIN over joint training by .02',
      measured: unsup.mean.toFixed(3),
      holds: unsup.mean >= 0.02,
    },
    {
      claim: '(3) D† at most .60 where a network on the points reaches .85',
      measured: `${discriminator.toFixed(3)} and ${domains.toFixed(3)}`,
      holds: discriminator <= 0.6 && domains >= 0.85,
    },
    {
      claim:
        "(4) probe lower behind the domain-agnostic layers in 8 of 10 seeds, A-distance at most .7 of joint training's",
      measured: `${closer} of ${n}, ${distance.toFixed(2)} and ${joint.toFixed(2)}`,
      holds: closer >= 0.8 * n && distance <= 0.7 * joint,
    },
    {
      claim: '(5) half of the labels: DADIN at .97 or above',
      measured: half.toFixed(3),
      holds: half >= 0.97,
    },
  ];
}
