import { expect, test } from 'vitest';
import type { ConsumerState } from './chain/index.ts';
import { consumerFindings, sealFindings, spoolFindings, verificationFindings } from './log-findings.ts';
import { roleFindings } from './role-findings.ts';

const consumer: ConsumerState = {
  consumer: 'acme.digest',
  types: [],
  cursor: 3,
  lag: 0,
  lagMs: 0,
  running: 'here',
  parked: 0,
  attempts: 0,
  lastError: null,
  movedAt: new Date(0),
};

test('a log in order is no finding', () => {
  expect([
    ...consumerFindings([consumer, { ...consumer, running: 'nowhere' }]),
    ...sealFindings(undefined),
    ...spoolFindings({ waiting: 0, lost: 0 }),
    ...verificationFindings({ verifiedThrough: 9, damage: null }),
    ...roleFindings(undefined),
    ...roleFindings({ role: 'kora_runtime', isSuperuser: false, mayChangeEvents: false }),
  ]).toEqual([]);
});

test('a reader that nobody runs is named with the word that forgets it, once it has been alone for a while', () => {
  const alone: ConsumerState = { ...consumer, running: 'nowhere', lag: 7 };
  expect(consumerFindings([{ ...alone, lagMs: 59_999 }])).toEqual([]);
  expect(consumerFindings([{ ...alone, running: 'elsewhere', lagMs: 60_000 }])).toEqual([]);
  expect(consumerFindings([{ ...alone, lagMs: 60_000 }])).toMatchObject([
    {
      id: 'consumer.acme.digest.nowhere',
      severity: 'warning',
      hint: expect.stringContaining('kora event forget acme.digest'),
    },
  ]);
});

test('a reader that parked something is told apart from one that fails', () => {
  const [parked, failing] = consumerFindings([
    { ...consumer, parked: 2, lastError: 'old' },
    { ...consumer, lastError: 'no route' },
  ]);
  expect(parked).toMatchObject({
    message: 'acme.digest has parked 2 events',
    hint: 'kora event parked acme.digest',
  });
  expect(failing).toMatchObject({ message: 'acme.digest fails: no route' });
});

test('what waits for the store is a warning, what was lost is an error', () => {
  expect(spoolFindings({ waiting: 3, lost: 2 })).toMatchObject([
    { id: 'chain.spool', severity: 'warning' },
    { id: 'chain.spool.lost', severity: 'error' },
  ]);
});
