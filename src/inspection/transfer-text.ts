import type { TransferDecision, TransferGain, TransferReport } from '../evaluation/index.js';

/** What the source domain brought, for people. */
export function transferLines({ transfer, verdict, gain, coldGain, decisions }: TransferReport): string[] {
  return [
    `transfer    ${transfer ? 'on' : 'off'}; the source domain ${verdict === 'undecided' ? 'makes no sure difference' : verdict}: ${gainText(gain)}`,
    `            users new to the target: ${gainText(coldGain)}`,
    ...decisions.map((decision) => `            ${transferDecision(decision)}`),
  ];
}

/** One decision as a notice. */
export function transferDecision({ transfer, row, eventTimeMs, gain }: TransferDecision): string {
  const taken = transfer ? "the learner's again" : 'those of the twin that knows no source domain';
  return `target scores are ${taken} from target row ${row} on (${new Date(eventTimeMs).toISOString()}): ${gainText(gain)}`;
}

function gainText(gain: TransferGain | null): string {
  if (gain === null) return 'no rows of both classes';
  const { difference, low, high, rows } = gain;
  return `${signed(difference)} AUC (95 % interval ${signed(low)} to ${signed(high)}, ${rows} rows)`;
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`;
}
