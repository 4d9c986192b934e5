import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { checkDadin } from '../../../src/verify/check-dadin.js';

const FOLDER = new URL('../../fixtures/', import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.startsWith('dadin_') && name !== 'dadin_train5.json');

it('has fixtures', () => {
  expect(files.length).toBeGreaterThanOrEqual(11);
});

it.each(files)('%s: outputs, losses and all gradients of an independent implementation', (file) => {
  const content: unknown = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
  const verdict = checkDadin(file, content, { ops: createReferenceOps(), precision: 'float64' });
  expect(verdict.status, verdict.detail).toBe('ok');
});

it('tells a wrong fixture', () => {
  const content = JSON.parse(readFileSync(new URL('dadin_full.json', FOLDER), 'utf8'));
  content.grads['bi.c'].data[2] += 1e-6;
  expect(checkDadin('x', content, { ops: createReferenceOps(), precision: 'float64' })).toMatchObject({
    status: 'MISS',
    detail: expect.stringContaining('grads.bi.c'),
  });
});
