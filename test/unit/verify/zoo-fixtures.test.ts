import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createReferenceOps } from '../../../src/model/reference-ops.js';
import { evaluateZooFixture } from '../../../src/verify/zoo-fixture.js';
import type { ZooFixture } from '../../../src/verify/zoo-inputs.js';

const DIRECTORY = new URL('../../fixtures/', import.meta.url);
const FILES = readdirSync(DIRECTORY).filter((name) => name.startsWith('model_'));

function read(file: string): ZooFixture {
  return JSON.parse(readFileSync(new URL(file, DIRECTORY), 'utf8')) as ZooFixture;
}

describe('baselines agree with figures of an independent implementation', () => {
  it('there are fixtures', () => expect(FILES.length).toBeGreaterThanOrEqual(6));

  it.each(FILES)('%s', (file) => {
    const compared = evaluateZooFixture(read(file), createReferenceOps())!;
    for (const { name, actual, expected } of [...compared.outputs, ...compared.gradients]) {
      expect(actual.length, name).toBe(expected.length);
      for (let i = 0; i < expected.length; i++) {
        const allowed = 1e-9 * Math.max(Math.abs(expected[i]!), 1e-3);
        expect(Math.abs(actual[i]! - expected[i]!), `${name}[${i}]`).toBeLessThanOrEqual(allowed);
      }
    }
  });
});
