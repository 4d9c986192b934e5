import { type RunningParts, replay } from '../pipelines/replay.js';
import { parseConfig } from '../src/config/index.js';

// Resident memory over a long stream, with caps that fill up early: after the warm-up it should not grow.
//   node dist/bench/memory.js [EVENTS, 10 million]

const EVERY_EVENTS = 250_000;
/** Caps are full and the heap has found its size by then. */
const WARM_UP_EVENTS = 2_000_000;
const MEGABYTE = 2 ** 20;

const events = Number(process.argv[2] ?? 10_000_000);
const config = parseConfig('', 'memory', {
  env: {},
  overrides: [
    ...['input.synthetic.preset=test', `input.synthetic.events=${events}`, 'input.synthetic.hours=2400'],
    ...['input.synthetic.users=20000', 'input.synthetic.itemsT=5000', 'input.synthetic.itemsS=5000'],
    ...['model.preset=paper', 'model.width=4', 'model.hidden=[8,4]'],
    ...['history.maxUsers=5000', 'history.maxItems=2000', 'history.length=5', 'training.maxRows=10000'],
  ],
});

interface Sample {
  readonly events: number;
  readonly megabytes: number;
}

/** Least squares: MB a million events. */
function slopeOf(samples: readonly Sample[]): number {
  const meanX = samples.reduce((sum, s) => sum + s.events, 0) / samples.length;
  const meanY = samples.reduce((sum, s) => sum + s.megabytes, 0) / samples.length;
  const xy = samples.reduce((sum, s) => sum + (s.events - meanX) * (s.megabytes - meanY), 0);
  const xx = samples.reduce((sum, s) => sum + (s.events - meanX) ** 2, 0);
  return (xy / xx) * 1e6;
}

const samples: Sample[] = [];
let run: RunningParts | null = null;
let next = EVERY_EVENTS;
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
await replay(config, {
  baseDirectory: '.',
  resume: 'never',
  stop: stop.signal,
  observer: {
    started(parts) {
      run = parts;
    },
    turn({ turn }) {
      if (turn.events < next) return;
      next += EVERY_EVENTS;
      const megabytes = process.memoryUsage.rss() / MEGABYTE;
      samples.push({ events: turn.events, megabytes });
      const { users, items, evictedUsers } = run!.fold.sizes;
      const line = `${users} users, ${items} items, ${evictedUsers} users evicted`;
      process.stdout.write(`${turn.events} events: ${megabytes.toFixed(0)} MB resident (${line})\n`);
    },
    notice() {},
  },
});
const settled = samples.filter((sample) => sample.events > WARM_UP_EVENTS);
if (settled.length < 2) process.stdout.write(`no slope: it takes more than ${WARM_UP_EVENTS} events\n`);
else process.stdout.write(`${slopeOf(settled).toFixed(2)} MB per million events after ${WARM_UP_EVENTS}\n`);
