import { parseArgs } from 'node:util';
import { type Contestant, contest } from '../pipelines/contest.js';
import { parseConfig } from '../src/config/index.js';
import { describeMachine } from './machine.js';

// What K models in one pass cost against one: npm run build && node dist/bench/panel.js [--events 20000] [--rounds 3] [--set KEY=VALUE]

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    set: { type: 'string', multiple: true, default: [] },
  },
});

/** K learners of the same configuration, each with a seed of its own. */
function contestants(count: number): Contestant[] {
  return Array.from({ length: count }, (_, k) => ({
    name: `seed ${k + 1}`,
    config: parseConfig('', 'panel', {
      env: {},
      overrides: [
        'input.kind=synthetic',
        'features.shared=[topic]',
        `input.synthetic.events=${values.events}`,
        ...values.set,
        `seed=${k + 1}`,
      ],
    }),
  }));
}

/** Processor seconds of all threads, and wall seconds; starting the learners counts. */
async function cost(count: number): Promise<{ readonly cpu: number; readonly wall: number }> {
  const before = process.cpuUsage();
  const startedMs = performance.now();
  await contest(contestants(count), { baseDirectory: '.', stop: new AbortController().signal });
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - startedMs) / 1000 };
}

console.log(JSON.stringify(describeMachine()));
await cost(1); // code is compiled once
for (let round = 1; round <= Number(values.rounds); round++) {
  const one = await cost(1);
  const shown = [`1: ${one.cpu.toFixed(2)} s`];
  for (const count of [2, 4, 8]) {
    const { cpu, wall } = await cost(count);
    shown.push(
      `${count}: ${cpu.toFixed(2)} s (${(cpu / one.cpu).toFixed(2)} x, wall ${(wall / one.wall).toFixed(2)} x)`,
    );
  }
  console.log(`round ${round}, processor time  ${shown.join('  ')}`);
}
