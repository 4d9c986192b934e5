import { DadinError } from './errors.js';

/**
 * What an operator may ask of a live learner while it runs.
 *
 * | command | what happens |
 * |---|---|
 * | freeze | it goes on scoring, judging and keeping histories and statistics, and learns nothing |
 * | pause | it reads nothing more |
 * | resume | both end; what came while it was frozen is not learned later either |
 * | save | a checkpoint, now |
 * | rollback | subscribers go to an older version and stay there until release; with `resetLearner` the learner goes back too |
 * | release | subscribers go on to the newest version |
 */
type ControlCommand =
  | { readonly command: 'freeze' | 'pause' | 'resume' | 'save' | 'release' }
  | {
      readonly command: 'rollback';
      readonly version: number;
      readonly reason: string;
      readonly resetLearner: boolean;
    };

/** A command with the id under which it is carried out once, however often it is sent. */
export type ControlRequest = ControlCommand & { readonly id: string };

const PLAIN = ['freeze', 'pause', 'resume', 'save', 'release'] as const;
export const CONTROL_COMMANDS = [...PLAIN, 'rollback'] as const;
const KEYS = ['command', 'id', 'version', 'reason', 'resetLearner'];

/** A request as it came from outside; `id` where it names none itself. @throws DadinError DADIN_CONTROL_REFUSED */
export function parseControl(value: unknown, id: string): ControlRequest {
  if (typeof value !== 'object' || value === null) throw controlRefused('a command is a JSON object');
  const { command, version, reason = '', resetLearner = false, ...rest } = value as Record<string, unknown>;
  const unknown = Object.keys(rest).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw controlRefused(`${unknown} is no part of a command`, KEYS.join(', '));
  const own = rest['id'] ?? id;
  if (typeof own !== 'string' || own === '' || own.length > 200) throw controlRefused('the id is no short text');
  const plain = PLAIN.find((one) => one === command);
  if (plain !== undefined) {
    if (Object.keys(value).some((key) => key !== 'command' && key !== 'id'))
      throw controlRefused(`${plain} takes nothing but an id`);
    return { id: own, command: plain };
  }
  if (command !== 'rollback') throw controlRefused(`no such command: ${String(command)}`, CONTROL_COMMANDS.join(', '));
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    throw controlRefused('rollback names no version', 'version: a whole number from 1');
  if (typeof reason !== 'string' || typeof resetLearner !== 'boolean')
    throw controlRefused('rollback takes a reason (text) and resetLearner (true or false)');
  return { id: own, command, version, reason, resetLearner };
}

export function controlRefused(message: string, expected?: string, got?: string): DadinError {
  return new DadinError('DADIN_CONTROL_REFUSED', message, {
    step: 'control',
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
  });
}
