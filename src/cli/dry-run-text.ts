import type { DryRunReport } from '../../pipelines/dry-run.js';

/** The report as lines for a terminal. */
export function dryRunText({ topics, groupId }: DryRunReport): string {
  const lines = topics.flatMap(({ topic, partitions, records, decoded, bad, example }) => {
    const seen = decoded + Object.values(bad).reduce((sum, count) => sum + count, 0);
    const reasons = Object.entries(bad).map(([code, count]) => `${count} ${code}`);
    return [
      `${topic}   ${partitions} partitions, ${records} records kept`,
      `  decoded   ${decoded} of ${seen}${reasons.length === 0 ? '' : `, else ${reasons.join(', ')}`}`,
      ...(example === null ? [] : [`  e.g.      ${example}`]),
    ];
  });
  return `${[...lines, `group ${groupId} may be read; nothing was learned or committed`].join('\n')}\n`;
}
