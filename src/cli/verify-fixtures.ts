import { DadinError } from '../core/index.js';
import type { Verdict } from '../verify/verdict.js';
import { verifyDirectory } from '../verify/verify-directory.js';

// npm run verify:fixtures -- DIR: one line a case, a summary, exit code 1 on any miss and 2 on an unusable DIR.

const SYMBOL: Readonly<Record<Verdict['status'], string>> = { ok: 'ok  ', MISS: 'MISS', skip: 'skip' };

async function main(): Promise<number> {
  const [directory, ...rest] = process.argv.slice(2);
  if (directory === undefined || rest.length > 0) {
    process.stderr.write('usage: npm run verify:fixtures -- DIR\n');
    return 2;
  }
  const counts = { ok: 0, MISS: 0, skip: 0 };
  try {
    await verifyDirectory(directory, ({ file, subject, status, detail }) => {
      counts[status]++;
      process.stdout.write(`${SYMBOL[status]} ${file.padEnd(26)} ${subject.padEnd(16)} ${detail}\n`);
    });
  } catch (error) {
    if (!(error instanceof DadinError)) throw error;
    process.stderr.write(`${error.describe()}\n`);
    return 2;
  }
  process.stdout.write(`${counts.ok} ok, ${counts.MISS} missed, ${counts.skip} skipped\n`);
  return counts.MISS > 0 ? 1 : 0;
}

process.exitCode = await main();
