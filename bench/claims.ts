/**
 * The claims of algorithm reference E.3, each on its stream with known truth: what was measured, what is required.
 * Run after a build: node dist/bench/claims.js [CLAIM...] (about three minutes for all). Exits 1 when one fails.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate } from '../pipelines/simulate.js';
import { Adwin } from '../src/evaluation/drift/adwin.js';
import { DriftMonitor } from '../src/evaluation/drift/drift-monitor.js';
import { SYNTHETIC_PRESETS } from '../src/sources/synthetic/index.js';
import { aucOf, type ClaimRun, rowsOf, runClaim, type Slice } from './claim-run.js';

interface Finding {
  readonly what: string;
  readonly measured: number;
  /** lowest and highest value that bears the claim out; neither where the figure is only reported */
  readonly atLeast?: number;
  readonly atMost?: number;
}

const preset = (name: string, seed: number) => [`input.synthetic.preset=${name}`, `input.synthetic.seed=${seed}`];
const target = (from: number, to: number): Slice => ({ domain: 1, from, to });
const source = (from: number, to: number): Slice => ({ domain: 0, from, to });
/** Seeds of the stream, and of the learner with it. */
const SEEDS = [1, 2, 3];
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

const CLAIMS: Readonly<Record<string, () => Promise<Finding[]>>> = {
  /** 1a, 1b, 1c: history, its attention and the bi-interaction carry the target AUC of the last fifth. */
  async history() {
    const without = {
      'without history': 'history.maxAgeMs=1',
      'target history only': 'history.sourceClicks=false',
      'mean pooling': 'model.ablation=1',
      'no bi-interaction': 'model.ablation=3',
    };
    const bounds = [0.1, 0.08, 0.03, 0.04];
    const gains: number[][] = [];
    for (const seed of SEEDS) {
      const auc = async (...overrides: string[]) =>
        aucOf(await runClaim([...preset('claim1', seed), `seed=${seed}`, ...overrides]), target(0.8, 1)).auc;
      const whole = await auc();
      const row: number[] = [];
      for (const change of Object.values(without)) row.push(whole - (await auc(change)));
      gains.push(row);
    }
    return Object.keys(without).flatMap((what, i) => {
      const of = gains.map((row) => row[i]!);
      return [
        { what: `DADIN - ${what}, worst of ${SEEDS.length} seeds`, measured: Math.min(...of), atLeast: bounds[i]! },
        { what: `DADIN - ${what}, mean`, measured: mean(of) },
      ];
    });
  },

  /** 2a: what is learned from the source helps users that are new to the target. */
  async cold() {
    const gains: number[] = [];
    for (const seed of [1, 2, 3]) {
      const both = await runClaim(preset('claim2', seed));
      const alone = await targetAlone('claim2', seed);
      const slice: Slice = { ...target(0.6, 1), coldOnly: true };
      gains.push(aucOf(both, slice).auc - aucOf(alone, slice).auc);
    }
    return [
      { what: 'joint - target only, worst of three streams', measured: Math.min(...gains), atLeast: 0.02 },
      { what: 'joint - target only, mean', measured: mean(gains), atLeast: 0.03 },
    ];
  },

  /** 2b: the governed adversary does no harm and stays in bounds. */
  async adversary() {
    const differences: number[] = [];
    let ratio = 0;
    let discarded = 0;
    for (const name of ['claim1', 'claim2', 'claim6']) {
      const governed = await runClaim(preset(name, 1));
      const off = await runClaim([...preset(name, 1), 'model.ablation=9']);
      differences.push(aucOf(governed, target(0.6, 1)).auc - aucOf(off, target(0.6, 1)).auc);
      const ratios = governed.domainLossRatios;
      ratio = Math.max(ratio, mean(ratios.slice(Math.floor(ratios.length / 2))));
      discarded += governed.summary.discardedSteps;
    }
    return [
      { what: 'governed - no adversary, worst of three streams', measured: Math.min(...differences), atLeast: -0.02 },
      { what: 'domain loss over that of a confused one, last half', measured: ratio, atMost: 1.5 },
      { what: 'steps that were not finite', measured: discarded, atMost: 0 },
    ];
  },

  /** 2d: the literal adversary diverges; the guard catches it and the learner goes on. */
  async literal() {
    const run = await runClaim([
      ...preset('claim1', 1),
      'input.synthetic.events=60000',
      'model.adversary.mode=literal',
    ]);
    const scored = rowsOf(run, target(0.9, 1));
    return [
      { what: 'discarded steps or guard restores', measured: run.summary.discardedSteps + run.restored, atLeast: 1 },
      { what: 'target AUC of the last tenth', measured: aucOf(run, target(0.9, 1)).auc, atLeast: 0.6 },
      {
        what: 'domain loss over that of a confused one, last tenth',
        measured: mean(run.domainLossRatios.slice(Math.floor(0.9 * run.domainLossRatios.length))),
        atMost: 2,
      },
      {
        what: 'finite scores at the end',
        measured: mean(scored.map((i) => +Number.isFinite(run.logits[i]))),
        atLeast: 1,
      },
    ];
  },

  /** 3: where nothing is hidden, the learner comes near the Bayes ceiling. */
  async bayes() {
    const gaps: number[] = [];
    const closed: number[] = [];
    for (const seed of SEEDS) {
      const run = await runClaim([...preset('claim3', seed), `seed=${seed}`]);
      const gap = (slice: Slice) => {
        const { auc, bayes } = aucOf(run, slice);
        return bayes - auc;
      };
      gaps.push(gap(target(0.8, 1)));
      closed.push(gap(target(0.2, 0.4)) - gap(target(0.8, 1)));
    }
    return [
      { what: `gap to Bayes, last fifth, worst of ${SEEDS.length} seeds`, measured: Math.max(...gaps), atMost: 0.04 },
      { what: 'closed since the second fifth, worst', measured: Math.min(...closed), atLeast: 0.02 },
    ];
  },

  /**
   * 4: a sudden drift of the target dips and is learned away; the source goes on. ADWIN on the surprise of the target's
   * scored rows tells it within 3000 of them (E.3: 1051), on the source's it stays silent meanwhile.
   */
  async drift() {
    const drops: number[] = [];
    const recoveries: number[] = [];
    const sourceChanges: number[] = [];
    const alarms: number[] = [];
    let early = 0;
    let onSource = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const run = await runClaim(preset('claim4', seed));
      const auc = (slice: Slice) => aucOf(run, slice).auc;
      const dip = auc(target(0.6, 0.65));
      drops.push(auc(target(0.5, 0.6)) - dip);
      recoveries.push(auc(target(0.9, 1)) - dip);
      sourceChanges.push(auc(source(0.6, 0.65)) - auc(source(0.5, 0.6)));
      const [before, after] = alarmsAround(run, 1, 0.6);
      early += before.length;
      alarms.push(after[0] ?? Number.POSITIVE_INFINITY);
      // as long as 3000 target rows take
      onSource += alarmsAround(run, 0, 0.6)[1].filter(
        (row) => row < 3000 * SYNTHETIC_PRESETS.claim4.sourceRatio,
      ).length;
    }
    return [
      { what: 'target drop in the first twentieth, six streams', measured: mean(drops), atLeast: 0.1 },
      { what: 'target recovery, last tenth - dip', measured: mean(recoveries), atLeast: 0.05 },
      { what: 'source change, either way', measured: Math.abs(mean(sourceChanges)), atMost: 0.03 },
      { what: 'target rows until ADWIN alarms, latest of six', measured: Math.max(...alarms), atMost: 3000 },
      { what: 'alarms on the source in that span, six streams', measured: onSource, atMost: 0 },
      { what: 'false alarms on the target before, six streams', measured: early },
    ];
  },

  /** 5: delayed, disordered, repeated messages give the labels and the scores of the orderly feed. */
  async messages() {
    const still = 'clickDelayMeanMs: 600000, jitterMs: 0, lateShare: 0, lateMs: 0, duplicateShare: 0';
    const wild = 'clickDelayMeanMs: 600000, jitterMs: 30000, lateShare: 0.02, lateMs: 600000, duplicateShare: 0.02';
    const runs: ClaimRun[] = [];
    for (const messages of [still, wild]) {
      runs.push(
        await runClaim([
          ...preset('test', 1),
          'input.synthetic.events=40000',
          `input.synthetic.messages={${messages}}`,
          'ordering.outOfOrdernessMs=660000',
        ]),
      );
    }
    const [orderly, disturbed] = runs as [ClaimRun, ClaimRun];
    const differing = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).filter((value, i) => !Object.is(value, b[i])).length;
    return [
      { what: 'duplicates dropped', measured: disturbed.summary.duplicates, atLeast: 1 },
      { what: 'labels that differ', measured: differing(orderly.labels, disturbed.labels), atMost: 0 },
      { what: 'scores that differ', measured: differing(orderly.logits, disturbed.logits), atMost: 0 },
    ];
  },

  /** 6: a covariate shift between the domains widens the gap to Bayes. */
  async shift() {
    const gaps: number[] = [];
    for (const seed of [1, 2]) {
      for (const shift of [0, 1]) {
        const run = await runClaim([...preset('claim6', seed), `input.synthetic.topicShift=${shift}`]);
        const { auc, bayes } = aucOf(run, target(0.6, 1));
        gaps.push((shift === 1 ? 1 : -1) * (bayes - auc));
      }
    }
    return [{ what: 'gap with shift - gap without, mean of two streams', measured: 2 * mean(gaps), atLeast: 0.01 }];
  },
};

/** The target's rows of a stream, learned without the source's. */
async function targetAlone(name: 'claim2', seed: number): Promise<ClaimRun> {
  const out = await mkdtemp(join(tmpdir(), 'dadin-claims-'));
  try {
    await simulate({ synthetic: { preset: name, seed, messages: null }, out, format: 'csv' });
    const columns =
      'eventId: eventId, userId: userId, itemId: itemId, eventTime: {column: eventTimeMs}, label: {column: clicked, equals: ["1"]}, userFeatures: {age: age, city: city}, itemFeatures: {topic: topic}';
    const files = `[{domain: target, paths: [${JSON.stringify(join(out, 'target.csv'))}], columns: {${columns}}}]`;
    return await runClaim([...preset(name, seed), 'input.kind=files', `input.files=${files}`]);
  } finally {
    await rm(out, { recursive: true });
  }
}

/** Rows of the domain, from the onset of a drift on, at which ADWIN alarms on the surprise of the scores: before it and after. */
function alarmsAround(run: ClaimRun, domain: 0 | 1, onset: number): [before: number[], after: number[]] {
  const monitor = new DriftMonitor(new Adwin(), 0);
  const first = rowsOf(run, { domain, from: 0, to: onset }).length;
  const alarms: [number[], number[]] = [[], []];
  rowsOf(run, { domain, from: 0, to: 1 }).forEach((row, i) => {
    if (monitor.update(run.logits[row]!, run.truth.clicked[row] as 0 | 1, run.truth.eventTimeMs[row]!))
      alarms[i < first ? 0 : 1].push(i - first);
  });
  return alarms;
}

function holds({ measured, atLeast, atMost }: Finding): boolean {
  return measured >= (atLeast ?? Number.NEGATIVE_INFINITY) && measured <= (atMost ?? Number.POSITIVE_INFINITY);
}

function bound({ atLeast, atMost }: Finding): string {
  return atLeast !== undefined ? `>= ${atLeast}` : atMost !== undefined ? `<= ${atMost}` : '';
}

function verdict(finding: Finding): string {
  if (bound(finding) === '') return 'NOTE';
  return holds(finding) ? 'PASS' : 'FAIL';
}

const wanted = process.argv.slice(2);
let failed = 0;
for (const [name, check] of Object.entries(CLAIMS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const finding of await check()) {
    if (!holds(finding)) failed++;
    console.log(
      `${verdict(finding)}  ${name.padEnd(10)} ${finding.what.padEnd(52)} ${finding.measured.toFixed(4).padStart(10)}  ${bound(finding)}`,
    );
  }
}
process.exitCode = failed > 0 ? 1 : 0;
