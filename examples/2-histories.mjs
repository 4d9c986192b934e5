// Keeps the users' histories by following the click events, so that a scoring request names the user and no more. Here the
// events are lines of JSON on standard input, as a topic of clicks would give them:
//
//   echo '{"domain":"source","userId":"u1","item":{"id":"news5","features":{"topic":"1"}},"eventTimeMs":1000}' |
//     node examples/2-histories.mjs runs/versions u1 ad1 ad2

import { createInterface } from 'node:readline';
import { KeptHistories, subscribe, VersionDirectory } from 'dadin-stream';

const [directory = 'runs/versions', userId = 'u1', ...candidateIds] = process.argv.slice(2);

// the first version says how long a history the model sees
const { value: model } = await subscribe(new VersionDirectory(directory)).next();
const { length, maxAgeMs } = model.version.manifest.scorer.history;
const histories = new KeptHistories({ length, maxAgeMs, maxUsers: 1_000_000 });
for await (const line of createInterface({ input: process.stdin })) histories.add(JSON.parse(line));

const answer = model.score({
  user: { id: userId },
  candidates: candidateIds.map((id) => ({ id })),
  histories: histories.of(userId, Date.now()),
});
console.log(JSON.stringify({ version: answer.version, probabilities: [...answer.probabilities] }));
