import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import { testDatabase } from './store/testing/database.ts';

/** What operators may do about state, spend, capabilities, approvals and tickets; `:id` is drawn as well. */
const paths = [
  '/api/stop',
  '/api/pause',
  '/api/resume',
  '/api/capabilities/grants',
  '/api/capabilities/grants/:id/revoke',
  '/api/approvals/:id/approve',
  '/api/approvals/:id/deny',
  '/api/spend/reconcile',
  '/api/spend/refresh',
  '/api/spend/release',
  '/api/db/bump-epoch',
  '/api/boot/check',
  '/api/tickets/:id/cancel',
  '/api/tickets/:id/retry',
  '/api/tickets/:id/unblock',
  '/api/tickets/:id/reassign',
  '/api/tickets/:id/note',
] as const;

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'x'.repeat(3_000),
    "'; drop table kora.hold; --",
    'operator',
  ),
);
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 0.5, 2 ** 31, 2 ** 53 - 1, 1e300),
);
const anything = fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.jsonValue());
/** Mostly right: what is wrong is then met by what lies behind the first look. */
const mostly = (right: unknown, wrong: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: wrong });
const reason = fc.oneof(
  { weight: 5, arbitrary: fc.constant('a reason') },
  { weight: 2, arbitrary: anything },
);
/** A kill that is in order is no bad input: it would do what it says. */
const level = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1, 2, 3) },
  fc.constantFrom(0, -1, 6, 1.5),
  text,
);
const to = fc.record(
  { kind: mostly('plugin', anything), subject: mostly('slack', anything) },
  { requiredKeys: ['kind', 'subject'] },
);
const capability = mostly('cap_web_fetch', text);

/** Near to what is right, so that it gets past the first look as often as not. */
const body = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        reason,
        level,
        forMs: number,
        holdId: number,
        capability,
        to,
        reportedMicroUsd: number,
        callId: text,
        assignedTo: fc.oneof(fc.constantFrom('kora', 'operator', 'nobody'), text),
        idempotencyKey: fc.oneof({ weight: 4, arbitrary: fc.uuid() }, fc.constantFrom('k', 'l'), text),
        other: anything,
      },
      { requiredKeys: ['reason', 'level', 'capability', 'to', 'reportedMicroUsd', 'callId', 'assignedTo'] },
    ),
  },
);
/** The fields that a path knows; the rest would be refused before anything is looked at. */
const known: Readonly<Record<string, readonly string[]>> = {
  '/api/stop': ['reason', 'level', 'forMs', 'idempotencyKey'],
  '/api/pause': ['reason', 'forMs', 'idempotencyKey'],
  '/api/resume': ['reason', 'holdId', 'idempotencyKey'],
  '/api/capabilities/grants': ['reason', 'capability', 'to', 'forMs', 'idempotencyKey'],
  '/api/spend/reconcile': ['reason', 'reportedMicroUsd', 'idempotencyKey'],
  '/api/spend/release': ['reason', 'callId', 'idempotencyKey'],
  '/api/boot/check': [],
  '/api/tickets/:id/reassign': ['reason', 'assignedTo', 'idempotencyKey'],
};
const request = fc
  .record({
    path: fc.constantFrom(...paths),
    id: fc.oneof(
      fc.constantFrom('1', '0', '-1', '2147483648', '9007199254740991', '9'.repeat(30)),
      fc.string(),
    ),
    body,
    isKept: fc.nat(5).map((nth) => nth === 0),
  })
  .map(({ path, id, body: sent, isKept }) => {
    const fields = known[path] ?? ['reason', 'idempotencyKey'];
    const isRecord = typeof sent === 'object' && sent !== null && !Array.isArray(sent);
    const fitting = isRecord
      ? Object.fromEntries(Object.entries(sent).filter(([field]) => fields.includes(field)))
      : sent;
    return {
      path: path.replace(':id', encodeURIComponent(id)),
      body: JSON.stringify(isKept ? sent : fitting),
    };
  });

test('no body, however wrong, is Kora’s own fault', async () => {
  const { connection } = await testDatabase();
  const login = `${connection.user}:${encodeURIComponent(String(connection.password))}`;
  const place = `host=${encodeURIComponent(connection.host ?? '')}&port=${connection.port}`;
  const env = { KORA_DATABASE_URL: `postgres://${login}@/${connection.database}?${place}` };
  const home = testFolder();
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [] });
  onTestFinished(() => kora.stop('the test ends'));
  const { url } = kora.ready;
  const { token } = await openHome(home, systemClock());
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await fc.assert(
    fc.asyncProperty(request, async ({ path, body: sent }) => {
      const response = await fetch(url + path, { method: 'POST', headers, body: sent });
      const answer: unknown = await response.json();
      expect([response.status, response.status < 500 ? '' : answer]).toEqual([response.status, '']);
      if (response.ok) return;
      const code: unknown = expect.stringMatching(/^KORA_/);
      const message: unknown = expect.stringMatching(/\S/);
      expect(answer).toMatchObject({ error: { code, message } });
    }),
    { numRuns: 400 },
  );
  // None of it has taken the runtime along.
  const client = createKoraClient({ url, token });
  expect((await client.resume('the test is over')).stopLevel).toBe(0);
});
