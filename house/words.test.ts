import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultTable } from '../packages/runtime/src/fault/index.ts';
import { daemonStates } from '../packages/runtime/src/daemon/index.ts';
import { pluginStates } from '../packages/runtime/src/plugin/events.ts';
import { probeStatuses } from '../packages/runtime/src/probe/contract.ts';
import { rungs } from '../packages/runtime/src/spend/index.ts';
import { claimPermissions, degradationReasons, primaryStates } from '../packages/runtime/src/state/index.ts';
import { ticketStatuses } from '../packages/runtime/src/ticket/index.ts';
import { families } from './events-page.ts';

const glossary = readFileSync(new URL('../docs/glossary.md', import.meta.url), 'utf8');
const errors = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

const events = Object.values(families).flat();

/** The words in backticks of the first cell of each row under a heading. */
function firstCells(text: string, heading: string): string[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, word = '']) => word);
}

/** The words in backticks of the row that speaks of something. */
function statesOf(what: string): string[] {
  const row = glossary.split('\n').find((line) => line.startsWith(`| ${what} |`)) ?? '';
  return [...row.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}

describe('docs/glossary.md', () => {
  it('lists exactly the events of the code, in its own words', () => {
    expect(firstCells(glossary, 'Events').sort()).toEqual(events.map(({ type }) => type).sort());
    for (const { type, means } of events) expect(glossary, type).toContain(means.slice(1).replace(/\.$/, ''));
  });

  it.each([
    ['the runtime', primaryStates],
    ['claim permission', claimPermissions],
    ['degradation', degradationReasons],
    ['spend', rungs],
    ['a ticket', ticketStatuses],
    ['a probe', probeStatuses],
    ['a daemon', daemonStates],
    ['a plugin', pluginStates],
  ])('lists exactly the states of %s', (what, states) => {
    expect(statesOf(what)).toEqual([...states]);
  });

  it('explains each word once, in order', () => {
    const rows = (glossary.split('## States')[0] ?? '').split('\n').filter((line) => /^\| [a-z]/.test(line));
    const words = rows.map((line) => line.split('|')[1]?.trim() ?? '').filter((word) => word !== 'word');
    expect(words).toEqual([...new Set(words)].sort((a, b) => a.localeCompare(b, 'en')));
  });
});

describe('docs/errors.md', () => {
  it('lists exactly the codes of the table, with their exit code and status', () => {
    const documented = [...errors.matchAll(/^\| `(KORA_\w+)` \| (.+) \| (\d+) \| (\d+) \|$/gm)];
    const table = Object.entries(faultTable).map(([code, { means, exit, status }]) => [
      code,
      means,
      String(exit),
      String(status),
    ]);
    expect(documented.map(([, ...cells]) => cells)).toEqual(table);
  });
});
