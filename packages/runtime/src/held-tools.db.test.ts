import { expect, test } from 'vitest';
import { FakeClock } from './clock/index.ts';
import { askHeldTools } from './held-tools.ts';
import { acceptMessage } from './message/index.ts';
import { testDatabase } from './store/testing/database.ts';

test('a server that is another at every look is asked about ten times an hour, and each as it is', async () => {
  const { database } = await testDatabase();
  let sha256 = '';
  const stage = (): Promise<void> => Promise.resolve();
  const view = () => ({
    kind: 'table',
    rows: [{ cells: { server: 'gauge', tool: 'read', state: 'changed', sha256, description: 'Reads.' } }],
  });
  const around = {
    database,
    workspace: { workspaceId: 1 },
    chain: { stage },
    panels: { look: () => Promise.resolve({ view: view() }) },
    apply: async (tx: never, { messages }: { messages: never[] }) => {
      for (const message of messages) await acceptMessage(tx, { workspaceId: 1, stage }, message);
    },
  } as unknown as Parameters<typeof askHeldTools>[1];
  const ground = { clock: new FakeClock() };
  const look = async (hash: string): Promise<number | undefined> => {
    sha256 = hash.repeat(8);
    await askHeldTools(ground, around);
    const [row] = await database.query<{ told: number }>(
      `select count(*)::int as told from kora.message m join kora.decision d using (workspace_id, decision_id)
       where m.severity = 'warning' and d.status = 'open'`,
    );
    return row?.told;
  };
  expect([await look('a0'), await look('a0')]).toEqual([1, 1]);
  for (let n = 1; n < 20; n += 1) await look(`a${n.toString(36)}`);
  expect(await look('b0')).toBe(10);
  // What was withdrawn and is back is told again.
  await database.query(
    `update kora.decision set asked_at = asked_at - interval '1 hour', status = 'withdrawn', ended_at = now()`,
  );
  expect(await look('a0')).toBe(1);
  const body = await database.query<{ body: string }>(
    'select body from kora.message order by message_id desc limit 1',
  );
  expect(body[0]?.body).toMatch(/^changed: read\n {2}says now: "Reads\."\n/);
});
