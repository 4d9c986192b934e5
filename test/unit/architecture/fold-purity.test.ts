import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The fold and what it is made of: no clock, no unseeded randomness (ARCHITECTURE.md, "The fold"). */
const FOLD = [
  'batching',
  'checkpoint',
  'core',
  'evaluation',
  'features',
  'history',
  'join',
  'linear',
  'model',
  'ordering',
  'parameters',
  'statistics',
];
const IMPURE = /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|process\.hrtime|randomUUID|randomBytes)\b/;

it('the fold reads no clock and no unseeded randomness', () => {
  const files = execFileSync('find', [...FOLD.map((folder) => `src/${folder}`), '-name', '*.ts'], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .concat('pipelines/fold.ts', 'pipelines/point-in-time.ts', 'src/training/engine.ts');
  expect(files.length).toBeGreaterThan(40);
  const found = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, i) => (IMPURE.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});
