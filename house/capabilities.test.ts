import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { approvalStatuses } from '../packages/runtime/src/capability/contract.ts';
import { ownCapabilities } from '../packages/runtime/src/capability/own.ts';

const page = readFileSync(new URL('../docs/capabilities.md', import.meta.url), 'utf8');

it('docs/capabilities.md lists exactly the capabilities of the house', () => {
  const rows = [...page.matchAll(/^\| `(cap_\w+)` \| (.+) \| (low|high) \| (ask|denied) \|$/gm)];
  const told = rows.map(([, id, title, risk, defaultVerdict]) => ({ id, title, risk, defaultVerdict }));
  expect(told).toEqual([...ownCapabilities]);
});

it('docs/capabilities.md and the glossary know every status of an approval', () => {
  const glossary = readFileSync(new URL('../docs/glossary.md', import.meta.url), 'utf8');
  const row = glossary.split('\n').find((line) => line.startsWith('| an approval |')) ?? '';
  expect([...row.matchAll(/`([^`]+)`/g)].map(([, word]) => word)).toEqual([...approvalStatuses]);
  for (const status of approvalStatuses) expect(page).toMatch(new RegExp(`^\\|[^|]*\`${status}\``, 'm'));
});
