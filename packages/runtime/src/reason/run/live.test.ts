import { expect, test } from 'vitest';
import { Scrubber } from '../../chain/index.ts';
import { Live } from './live.ts';
import type { LiveSign } from './live.ts';

const run = { runId: 'r', key: null, route: 'cli' } as const;

test('a secret that comes in pieces is told in none of them, and what waited is told at the end', () => {
  const scrubber = new Scrubber(() => ['sk-very-secret-key']);
  const live = new Live({
    onError: () => undefined,
    scrub: scrubber.text,
    sayable: (text) => scrubber.sayable(text),
  });
  const heard: LiveSign[] = [];
  using _listening = live.listen((sign) => heard.push(sign));
  for (const delta of ['my key is sk-very', '-secret', '-key. ', 'That was sk-'])
    live.tell({ ...run, kind: 'text', delta });
  live.tell({ ...run, kind: 'tool_call', what: 'look' });
  live.tell({ ...run, kind: 'ended', what: 'answered', costMicroUsd: 1 });
  expect(heard).toEqual([
    { ...run, kind: 'text', delta: 'my key is ' },
    { ...run, kind: 'text', delta: '[secret]. ' },
    { ...run, kind: 'text', delta: 'That was ' },
    { ...run, kind: 'tool_call', what: 'look' },
    { ...run, kind: 'text', delta: 'sk-' },
    { ...run, kind: 'ended', what: 'answered', costMicroUsd: 1 },
  ]);
});

test('a listener that throws keeps nobody else from hearing', () => {
  const errors: unknown[] = [];
  const onError = (_where: string, error: unknown): void => void errors.push(error);
  const live = new Live({ onError, scrub: (text) => text, sayable: (text) => text.length });
  const heard: string[] = [];
  using _broken = live.listen(() => {
    throw new Error('broken');
  });
  using _whole = live.listen(({ kind }) => heard.push(kind));
  live.tell({ ...run, kind: 'began', what: 'kora ask' });
  expect([heard, errors]).toEqual([['began'], [expect.objectContaining({ message: 'broken' })]]);
});
