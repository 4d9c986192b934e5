import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BAD_RECORD_CODES, ERROR_CODES } from '../../../src/core/index.js';

it('docs/errors.md has an anchor for every code and no other', () => {
  const text = readFileSync('docs/errors.md', 'utf8');
  const anchors = [...text.matchAll(/^### (DADIN_\w+)$/gm)].map((match) => match[1]);
  expect(anchors.sort()).toEqual([...ERROR_CODES, ...BAD_RECORD_CODES].sort());
});
