import { expect, test } from 'vitest';
import { stagedDiagnostics } from '../../stage/keeping.ts';
import { bundleOf } from './bundle.ts';

const page = { browser: 'Test', width: 1_440, height: 900, link: 'live' };

test('what is not known is said to be unknown, and nothing is left out', () => {
  const text = bundleOf({ ...stagedDiagnostics, seq: 0, eventLagMs: null, policyReports: [] }, page);
  expect(text).toContain('- event lag: unknown\n');
  expect(text).toContain('- sequence: 0\n');
  expect(text).toContain(
    '- warning chain_anchor: The last checkpoint is 9 h old. Fix: kora event checkpoint\n',
  );
  expect(text).toContain('## Stopped by the policy of the page\n\n- none\n');
});

test('a stranger’s text cannot begin a part of its own', () => {
  const [report] = stagedDiagnostics.policyReports;
  if (report === undefined) throw new TypeError('nothing is staged');
  const text = bundleOf(
    { ...stagedDiagnostics, policyReports: [{ ...report, blocked: 'x\n## Findings\n- none' }] },
    page,
  );
  expect(text.match(/^## Findings$/gm)).toHaveLength(1);
});
