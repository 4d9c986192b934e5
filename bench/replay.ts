import { createFold, createLearner, createSource } from '../pipelines/assembly.js';
import { replay } from '../pipelines/replay.js';
import { parseConfig } from '../src/config/index.js';
import type { SampleBatch } from '../src/core/index.js';
import { foldLog } from './fold-log.js';

// The whole replay against its training thread alone: the same batches, prepared beforehand, scored and trained in the
// same order. A ratio near 1 says that reading, ordering, histories and judging hide behind the training.
//   node dist/bench/replay.js [EVENTS] [KEY=VALUE...]

const [events = '60000', ...overrides] = process.argv.slice(2);
const config = parseConfig('', 'bench', {
  overrides: ['features.shared=[topic]', `input.synthetic.events=${events}`, 'model.preset=paper', ...overrides],
});

interface PreparedTurn {
  readonly score: SampleBatch | null;
  readonly train: SampleBatch | null;
  readonly eventTimeMs: number;
}

async function preparedTurns(): Promise<PreparedTurn[]> {
  const source = await createSource(config, '.');
  const fold = await createFold(config);
  fold.positions.bind(source.partitions);
  await source.open(fold.positions.next());
  const turns: PreparedTurn[] = [];
  await foldLog(config, source, fold, (turn) => {
    turns.push({ ...fold.batches(turn), eventTimeMs: turn.eventTimeMs });
  });
  await source.close();
  return turns;
}

async function trainingAlone(): Promise<number> {
  const turns = await preparedTurns();
  const learner = await createLearner(config);
  const startedMs = performance.now();
  const calls = turns.flatMap(({ score, train, eventTimeMs }): Promise<unknown>[] => [
    ...(score === null ? [] : [learner.score(score)]),
    ...(train === null ? [] : [learner.train(train, eventTimeMs)]),
  ]);
  await Promise.all(calls);
  const seconds = (performance.now() - startedMs) / 1000;
  await learner.close();
  return Number(events) / seconds;
}

async function wholeReplay(): Promise<number> {
  const quiet = { started() {}, turn() {}, notice() {} };
  const stop = new AbortController().signal;
  return (await replay(config, { baseDirectory: '.', resume: 'never', stop, observer: quiet })).eventsPerSecond;
}

for (let round = 0; round < 3; round++) {
  const alone = await trainingAlone();
  const whole = await wholeReplay();
  const rate = (perSecond: number): string => Math.round(perSecond).toLocaleString('en');
  console.log(
    `training alone ${rate(alone)} events/s, replay ${rate(whole)} events/s: ${(whole / alone).toFixed(2)} of it`,
  );
}
