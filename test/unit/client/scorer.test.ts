import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Scorer, VersionFollower, VersionTopic } from '../../../src/client/index.js';
import type { ClickEvent, Sample, ServingPart } from '../../../src/core/index.js';
import { encodeServing } from '../../../src/versions/index.js';
import { MemoryLog } from '../versions/memory-log.js';
import { featuresOf, PublishingRun } from './publishing-run.js';

function failOn(error: Error): void {
  throw error;
}

/** The request that a serving team would send for an impression. */
function requestOf(run: PublishingRun, sample: Sample, event: ClickEvent) {
  const described = (items: Sample['historyTarget']) => items.map(({ serial }) => run.described.get(serial)!);
  return {
    domain: event.domain,
    user: { id: event.userId, features: featuresOf(event.userFeatures) },
    candidates: [{ id: event.itemId, features: featuresOf(event.itemFeatures) }],
    histories: { target: described(sample.historyTarget), source: described(sample.historySource) },
  };
}

it.each([
  ['statistics, linear part and DADIN', []],
  ['the pure model of the paper', ['model.preset=paper', 'model.width=8', 'model.hidden=[16,8]', 'batching.size=16']],
  ['other crosses', ['model.linear={crosses: [[user, itemFeatures], [itemFeatures, historyTarget]], bits: 14}']],
  ['FTRL, and a share of the negatives', ['model.linear={kind: ftrl}', 'labels.negativeRate=0.8']],
  ['a baseline', ['model.preset=paper', 'model.kind=din', 'model.width=8', 'model.hidden=[16,8]', 'batching.size=16']],
])('scores to the bit as the learner does, version by version: %s', async (_, keys) => {
  const log = new MemoryLog();
  const run = await PublishingRun.start(new VersionTopic(log, 'm'), keys);
  const scorer = await Scorer.create();
  const follower = new VersionFollower(new VersionTopic(log.again(), 'm'), scorer, failOn);
  let compared = 0;
  let versions = 0;
  let firstNumber = 0;
  let publishedMs: number | null = null;
  const compare = (sample: Sample, event: ClickEvent): void => {
    if (versions === 0) return;
    // the first impression after a version: nothing was learned between
    // at a later time than that of the version, whose last labels are known by then
    if (sample.sequence !== firstNumber || event.eventTimeMs === publishedMs) return;
    const answer = scorer.score(requestOf(run, sample, event));
    expect(answer.version).toBe(versions);
    expect(answer.logits[0]).toBe(sample.logit);
    compared++;
  };
  while (await run.toNextVersion(compare)) {
    versions++;
    firstNumber = run.fold.counts.samples;
    publishedMs = run.fold.eventTimeMs;
    expect(await follower.advance()).toBe(true);
    expect(scorer.version?.number).toBe(versions);
  }
  expect(versions).toBeGreaterThan(12);
  expect(compared).toBeGreaterThan(versions / 3);
});

it('full and deltas lead to the same bytes', async () => {
  const log = new MemoryLog();
  const run = await PublishingRun.start(
    new VersionTopic(log, 'm'),
    ['publish.everySteps=2', 'publish.fullEvery=1000'],
    1500,
  );
  const scorer = await Scorer.create();
  const follower = new VersionFollower(new VersionTopic(log.again(), 'm'), scorer, failOn);
  const wholeOfLearner = () => {
    const weights = run.engine.serving('proof');
    const front = run.fold.serving.serving('proof');
    const [tensors, tables] = [
      [...weights.tensors, ...front.tensors],
      [...weights.tables, ...front.tables],
    ];
    return encodeServing({ tensors, tables, wholeBecause: 'proof' });
  };
  while (await run.toNextVersion()) {
    await follower.advance();
    expect(encodeServing(scorer.whole('proof')).equals(wholeOfLearner())).toBe(true);
  }
  const kinds = run.outcomes.map((outcome) => ('kind' in outcome ? outcome.kind : 'refused'));
  expect(kinds.filter((kind) => kind === 'delta').length).toBeGreaterThan(12);
});

it.each([
  ['float16', 1e-3],
  ['int8', 1e-2],
])('rows as %s: deltas lead where full versions do, near the learner', async (rows, near) => {
  const followed = async (fullEvery: number) => {
    const log = new MemoryLog();
    const keys = [`publish.rows=${rows}`, 'publish.everySteps=2', `publish.fullEvery=${fullEvery}`];
    const run = await PublishingRun.start(new VersionTopic(log, 'm'), keys, 1000);
    const scorer = await Scorer.create();
    const follower = new VersionFollower(new VersionTopic(log.again(), 'm'), scorer, failOn);
    const contents: string[] = [];
    let worst = 0;
    while (await run.toNextVersion()) {
      await follower.advance();
      contents.push(
        createHash('sha256')
          .update(encodeServing(scorer.whole('')))
          .digest('hex'),
      );
      worst = Math.max(worst, largestDifference(run.engine.serving(''), scorer.whole('')));
    }
    const kinds = run.outcomes.map((outcome) => ('kind' in outcome ? outcome.kind : 'refused'));
    return { contents, worst, deltas: kinds.filter((kind) => kind === 'delta').length };
  };
  const chain = await followed(1000);
  const whole = await followed(1);
  expect(chain.deltas).toBeGreaterThan(5);
  expect(whole.deltas).toBeLessThanOrEqual(whole.contents.length / 2);
  expect(chain.contents).toEqual(whole.contents);
  expect(chain.worst).toBeLessThan(near);
  expect(chain.worst).toBeGreaterThan(0);
});

/** Of any number in the embedding rows. */
function largestDifference(a: ServingPart, b: ServingPart): number {
  const rowsOf = ({ tables }: ServingPart) => {
    const { ids, columns } = tables.find(({ name }) => name === 'embedding')!;
    const width = columns[0]!.shape[1]!;
    return new Map(Array.from(ids, (id, i) => [id, columns[0]!.data.slice(i * width, (i + 1) * width)]));
  };
  const other = rowsOf(b);
  let largest = 0;
  for (const [id, row] of rowsOf(a)) {
    row.forEach((value, j) => {
      largest = Math.max(largest, Math.abs(value - other.get(id)![j]!));
    });
  }
  return largest;
}

it('rows evicted by the learner are gone here too', async () => {
  const log = new MemoryLog();
  const keys = ['publish.everySteps=2', 'publish.fullEvery=1000', 'training.maxRows=60', 'training.ttlMs.user=20000'];
  const run = await PublishingRun.start(new VersionTopic(log, 'm'), keys, 1000);
  const scorer = await Scorer.create();
  const follower = new VersionFollower(new VersionTopic(log.again(), 'm'), scorer, failOn);
  while (await run.toNextVersion()) {
    await follower.advance();
    const [own, learner] = [scorer.whole('proof').tables[0]!, run.engine.serving('proof').tables[0]!];
    expect(Array.from(own.ids).sort()).toEqual(Array.from(learner.ids).sort());
  }
  expect(run.engine.inspect().evictedRows).toBeGreaterThan(20);
});
