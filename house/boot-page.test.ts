import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gateFacts } from '../packages/runtime/src/boot/index.ts';

const page = readFileSync(new URL('../docs/boot.md', import.meta.url), 'utf8');

it('docs/boot.md lists exactly the gates of the code, in their order', () => {
  const [, gates = ''] = /^## Gates$([^]*?)^## /m.exec(page) ?? [];
  const rows = gates.split('\n').filter((line) => /^\| `\d/.test(line));
  const told = gateFacts.map(({ gateId, gateClass, deadlineMs, reason, title }) => {
    const degrades = reason === undefined ? ' ' : ` \`${reason}\` `;
    return `| \`${gateId}\` | ${gateClass} | ${deadlineMs / 1_000} s |${degrades}| ${title} |`;
  });
  expect(rows).toEqual(told);
});
