import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.js';

it('every command of the list is loaded under its name, with help of its own', async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const command = await load();
    expect(command.name()).toBe(name);
    expect(command.description(), name).not.toBe('');
  }
}, 60_000);

it('docs/cli.md begins with the list', () => {
  const list = Object.entries(COMMANDS).map(([name, { summary }]) => `dadin-stream ${name.padEnd(10)} ${summary}\n`);
  expect(readFileSync('docs/cli.md', 'utf8')).toContain(`\`\`\`\n${list.join('')}\`\`\`\n`);
});
