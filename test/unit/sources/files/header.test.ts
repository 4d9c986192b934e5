import { expect, it } from 'vitest';
import { requireColumns } from '../../../../src/sources/files/header.js';

it('never takes a column without a name for the one that was meant', () => {
  expect(() => requireColumns('a.csv', ['', ' '], ['u', 'id'])).toThrow(/^a\.csv has no column "u", "id"$/);
  expect(() => requireColumns('a.csv', ['', 'ud'], ['id'])).toThrow('"id" (did you mean "ud"?)');
});
