import fc from 'fast-check';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { fileDatabase } from '../../../runtime/src/store/testing/database.ts';
import { runChecker } from '../../fixtures/checker.ts';
import { openFront } from '../../fixtures/front.ts';
import { openHouse } from '../../fixtures/house.ts';
import type { House } from '../../fixtures/house.ts';
import { offeredTools } from './tools.ts';

let house: House;

beforeAll(async () => {
  const store = await fileDatabase({ empty: true });
  house = await openHouse({ databaseUrl: store.url });
  return async () => {
    await house.stop();
    await store.drop();
  };
});

test('whatever a program sends, it is answered and nothing breaks', async () => {
  const { token } = await house.token('odd', ['read_runtime', 'ticket_create']);
  const methods = [
    'initialize',
    'tools/list',
    'tools/call',
    'resources/read',
    'subscriptions/listen',
    'nothing',
  ];
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(...methods, '2.0', '2026-07-28', ...offeredTools.map(({ name }) => name)),
  );
  const message = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        jsonrpc: fc.constantFrom('2.0', '1.0'),
        id: junk,
        method: fc.constantFrom(...methods),
        params: fc.dictionary(fc.constantFrom('name', 'uri', 'arguments', '_meta', 'level'), junk),
      },
      { requiredKeys: [] },
    ),
  );
  await fc.assert(
    fc.asyncProperty(message, fc.constantFrom('2025-06-18', '2026-07-28', 'x'), async (body, version) => {
      const answer = await fetch(`${house.url}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${token}`,
          'mcp-protocol-version': version,
        },
        body: JSON.stringify(body),
      });
      await answer.text();
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 100 },
  );
});

/** Scenarios of the makers' checker that ask for no tool, resource, prompt or extension of the checker's own. */
const scenarios: Readonly<Record<string, readonly string[]>> = {
  '2026-07-28': [
    'caching',
    'dns-rebinding-protection',
    'http-header-validation',
    'resources-list',
    'sep-2164-resource-not-found',
    'server-sse-multiple-streams',
    'server-stateless',
    'tools-list',
  ],
  '2025-11-25': [
    'dns-rebinding-protection',
    'ping',
    'resources-list',
    'server-initialize',
    'server-sse-multiple-streams',
    'tools-list',
  ],
};

/** In them, what cannot be seen here, and why. */
const excused: Readonly<Record<string, string>> = {
  'sep-2575-server-rejects-undeclared-capability': 'calls a tool of the checker',
  'sep-2575-missing-capability-http-400': 'calls a tool of the checker',
  'sep-2575-http-server-no-independent-requests-on-stream': 'calls a tool of the checker',
  'sep-2575-server-no-log-without-loglevel': 'calls a tool of the checker',
  'sep-2549-prompts-list-caching-hints': 'there are no prompts',
};

test.each([
  ['2026-07-28', ['--requirements', '2026-07-28']],
  ['2025-11-25', ['--suite', 'active', '--spec-version', '2025-11-25']],
] as const)(
  'the checks of the protocol’s makers find nothing wrong: revision %s',
  async (revision, which) => {
    const { token } = await house.token('checker', ['read_runtime']);
    const front = await openFront(house.url, token);
    onTestFinished(() => front.close());
    const ours = scenarios[revision] ?? [];
    const all = (await runChecker(front.url, which)).filter(({ scenario }) => ours.includes(scenario));
    expect([...new Set(all.map(({ scenario }) => scenario))].sort()).toEqual(ours);
    const failed = all.filter(({ status }) => status === 'FAILURE');
    const passed = all.filter(({ status }) => status === 'SUCCESS');
    process.stdout.write(
      `MCP ${revision}: ${passed.length} checks of the makers passed in ${ours.length} scenarios, ${failed.length} cannot be seen here\n`,
    );
    expect(failed.filter(({ id }) => excused[id] === undefined)).toEqual([]);
    // An excuse that is not needed any more is one to be taken back.
    const excuses = revision === '2026-07-28' ? Object.keys(excused) : [];
    expect(failed.map(({ id }) => id).sort()).toEqual(excuses.sort());
  },
);
