import { expect, it } from 'vitest';
import { speaksOf } from './speaks.ts';

const shown = [
  {
    source: 'said about unit:shop',
    text: 'shop cannot resolve a name: "getaddrinfo EAI_AGAIN"',
    evidenceId: 'log:shop#4',
  },
  { source: 'what_was_seen about unit:shop', text: 'shop answers with HTTP 500', evidenceId: 'look:shop@x' },
];

it('takes a line for evidence that is about the cause, and no other', () => {
  expect(speaksOf('dns', ['log:shop#4'], shown)).toBe(true);
  expect(speaksOf('dns', ['look:shop@x', 'log:shop#4'], shown)).toBe(true);
  expect(speaksOf('disk_full', ['log:shop#4', 'look:shop@x'], shown)).toBe(false);
  expect(speaksOf('disk_full', [], shown)).toBe(false);
});

it('holds nothing against what was read elsewhere, or against a cause without words of its own', () => {
  expect(speaksOf('disk_full', ['tool:kora__read_log#9'], shown)).toBe(true);
  expect(speaksOf('log_error', ['look:shop@x'], shown)).toBe(true);
});
