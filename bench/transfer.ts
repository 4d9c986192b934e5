import { parseArgs } from 'node:util';
import { PLANTED_KINDS, plantedTransfer, RIGHT_VERDICT } from '../src/experiments/planted-transfer.js';

// Whether the transfer ledger sees what was planted: npm run build && node dist/bench/transfer.js [--seeds 20] [--events 30000]

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '20' }, events: { type: 'string', default: '30000' } },
});
const seeds = Number(values.seeds);
const events = Number(values.events);

console.log(`${seeds} seeds of ${events} events; gain in AUC, its 95 % interval, and that of cold users`);
for (const planted of PLANTED_KINDS) {
  let right = 0;
  let signs = 0;
  const gains: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { verdict, gain, coldGain } = await plantedTransfer(planted, { events, seed });
    if (verdict === RIGHT_VERDICT[planted]) right++;
    const difference = gain?.difference ?? Number.NaN;
    gains.push(difference);
    if (planted === 'zero' ? verdict === 'undecided' : difference > 0 === (planted === 'positive')) signs++;
    const of = (found: typeof gain) =>
      found === null ? '-' : `${found.difference.toFixed(4)} (${found.low.toFixed(4)} to ${found.high.toFixed(4)})`;
    console.log(`${planted.padEnd(9)} seed ${String(seed).padStart(2)}  ${of(gain)}  cold ${of(coldGain)}  ${verdict}`);
  }
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / seeds;
  console.log(
    `${planted.padEnd(9)} sign right in ${signs}, verdict in ${right} of ${seeds}; mean gain ${mean.toFixed(4)}, least ${Math.min(...gains).toFixed(4)}, most ${Math.max(...gains).toFixed(4)}`,
  );
}
