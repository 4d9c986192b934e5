import { expect, it } from 'vitest';
import { parseControl } from '../../../src/core/index.js';

it('takes commands with an id of their own, or the one they came under', () => {
  expect(parseControl({ command: 'freeze' }, 'k')).toEqual({ id: 'k', command: 'freeze' });
  expect(parseControl({ command: 'rollback', version: 3, id: 'mine' }, 'k')).toEqual({
    id: 'mine',
    command: 'rollback',
    version: 3,
    reason: '',
    resetLearner: false,
  });
});

it.each([
  null,
  'freeze',
  [],
  {},
  { command: 'thaw' },
  { command: 'toString' },
  { command: 'freeze', version: 1 },
  { command: 'freeze', id: '' },
  { command: 'freeze', id: 'x'.repeat(201) },
  { command: 'rollback' },
  { command: 'rollback', version: '3' },
  { command: 'rollback', version: 0 },
  { command: 'rollback', version: 2.5 },
  { command: 'rollback', version: 3, resetLearner: 'yes' },
  { command: 'rollback', version: 3, verson: 4 },
])('refuses %j', (value) => {
  expect(() => parseControl(value, 'k')).toThrow(expect.objectContaining({ code: 'DADIN_CONTROL_REFUSED' }));
});

it('refuses a command that came without any id', () => {
  expect(() => parseControl({ command: 'save' }, '')).toThrow(/id/);
});
