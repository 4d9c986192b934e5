// Follows a learner's model versions and scores with each. Start a learner that publishes,
//
//   npx dadin-stream replay --synthetic default --checkpoints runs/c --set publish.directory=runs/versions
//
// and beside it:  node examples/1-subscribe.mjs runs/versions

import { subscribe, VersionDirectory } from 'dadin-stream';

const directory = process.argv[2] ?? 'runs/versions';
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const request = {
  domain: 'target',
  user: { id: 'u1', features: { age: '3', city: '7' } },
  candidates: [
    { id: 'ad1', features: { topic: '1' } },
    { id: 'ad2', features: { topic: '2' } },
  ],
  histories: { source: [{ id: 'news5', features: { topic: '1' } }] },
};

const versions = subscribe(new VersionDirectory(directory), {
  signal: stop.signal,
  // what cannot be verified is never loaded: the model before stays in use
  onProblem: (problem) => console.error(problem.code, problem.message),
});
for await (const model of versions) {
  const { number, manifest } = model.version;
  const { probabilities } = model.score(request);
  console.log(
    `version ${number} (${manifest.kind}, step ${manifest.step}):`,
    [...probabilities].map((p) => p.toFixed(4)).join(' '),
  );
  if (process.argv.includes('--once')) stop.abort();
}
