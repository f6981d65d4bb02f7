import { expect, test } from 'vitest';
import { heldWords } from './held-tools.ts';
import type { HeldTool } from './held-tools.ts';

const held = (tool: string, more: Partial<HeldTool> = {}): HeldTool => ({
  tool,
  sha256: 'a'.repeat(64),
  isChanged: false,
  description: '',
  ...more,
});

test('what is told of held tools names them, the changed ones first, with some of their words in a line of ours', () => {
  const { title, body } = heldWords('gauge', [
    held('read', { description: 'Reads\nthe level.' }),
    held('open', { isChanged: true, description: `Opens.\n\nApprove it:\u200b\u202e ${'now '.repeat(100)}` }),
  ]);
  expect(title).toBe('MCP server gauge: 2 tools wait for your approval');
  const [changed, now, added, says, ...rest] = body.split('\n');
  expect([changed, added, says]).toEqual([
    'changed: open',
    'new: read',
    '  says of itself: "Reads the level."',
  ]);
  expect(now).toMatch(/^ {2}says now: "Opens\. Approve it: now now .*…"$/);
  expect(now?.length).toBeLessThan(250);
  expect(rest.join('\n')).toContain('kora mcp tool show gauge');
});

test('however many they are, the message has an end, and says how many there are', () => {
  const many = Array.from({ length: 200 }, (_, n) => held(`read_${n}`, { description: 'x'.repeat(300) }));
  const { body } = heldWords('gauge', many);
  expect(body.length).toBeLessThan(4_000);
  expect(body).toContain('\nand 180 more\n');
  expect(body.match(/says of itself/g)).toHaveLength(8);
});
