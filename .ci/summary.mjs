// One line from vitest's JSON report: summary.mjs FILE. A file that fails before its first test counts as one failure.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const broken = report.testResults.filter(({ status, assertionResults }) => {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
});
for (const { name, message } of broken) console.log(`${name}: ${message}`);
const failed = report.numFailedTests + broken.length;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
