import { bootReportSchema, bootStatusSchema, gateReportSchema } from '@kora/runtime/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Database } from './harness/database.ts';
import { House } from './harness/house.ts';
import type { Up } from './harness/house.ts';
import { until } from './harness/wait.ts';

const shownSchema = bootReportSchema.extend({ history: bootStatusSchema.shape.history });
const readySchema = z.object({
  ready: z.boolean(),
  outcome: z.string(),
  waitingFor: z.string().nullable(),
  degradationReasons: z.array(z.string()),
  gates: z.array(gateReportSchema),
});
const tooEarly = z.object({
  error: z.object({ code: z.literal('KORA_NOT_READY'), details: z.object({ boot: bootReportSchema }) }),
});

/** The server of one house holds the database of another, behind a port that opens and closes. */
describe('a boot', () => {
  const server = new House();
  const house = new House();
  let database: Database;
  let env: Readonly<Record<string, string>>;
  let up: Up;

  beforeAll(async () => {
    await server.up();
    database = await Database.create(server, 'later');
    env = { KORA_DATABASE_URL: database.url() };
  });
  afterAll(async () => {
    // First who is connected through the port: it closes when nobody is.
    await house[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function statement(text: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: database.url() });
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows;
  }

  it('waits for a store that is away, shows its gates all the while, and comes up by itself', async () => {
    const child = house.start(['up', '--json', '--port', '0'], { env });
    const url = await until('the API to listen', () => house.url());
    const early = await until('the gates to say what is missing', async () => {
      const answer = await fetch(`${url}/readyz`);
      const body = readySchema.parse(await answer.json());
      return body.waitingFor === null ? undefined : { answer, body };
    });
    expect(early.answer.status).toBe(503);
    expect(early.answer.headers.get('retry-after')).toBe('1');
    expect(early.body).toMatchObject({ ready: false, outcome: 'running', degradationReasons: ['substrate'] });
    expect(early.body.gates.map(({ gateId, outcome }) => `${gateId} ${outcome}`)).toEqual([
      '1_configuration not_reached',
      '2_credential_rule not_reached',
      '3_schema_version unavailable',
      '3b_epoch not_reached',
      '4_role not_reached',
      '5_chain_head not_reached',
      '6_tokens not_reached',
      '7_canonical_actor not_reached',
      '8_capability_matrix not_reached',
      '9_cost_state not_reached',
      '10_smoke not_reached',
    ]);
    const shown = await house.kora('boot');
    expect(shown.code).toBe(75);
    expect(shown.stdout).toMatch(/^3_schema_version +invariant +unavailable/m);
    const refused = await fetch(`${url}/api/status`, {
      headers: { authorization: `Bearer ${house.token()}` },
    });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(tooEarly.parse(await refused.json()).error.details.boot.gates).toHaveLength(11);

    const opened = Date.now();
    await database.open();
    up = await house.isUp(child);
    expect(up.ready.primaryState).toBe('ready');
    const { data } = await house.read(shownSchema, 'boot');
    expect(data).toMatchObject({ outcome: 'passed', degradationReasons: [], waitingFor: null });
    expect(Date.parse(data.history[0]?.startedAt ?? '')).toBeLessThan(opened);
  });

  it('an invariant no exits 1, with the event and the row', async () => {
    await house.kora('down');
    await up.child.ended;
    await statement(`update kora.actor set active = false where actor_id = 'kora'`);
    const ended = await house.start(['up', '--json', '--port', '0'], { env }).ended;
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('gate 7_canonical_actor');
    expect(
      await statement(`select outcome, failed_gate, exit_code from kora.boot order by boot_id desc limit 1`),
    ).toEqual([{ outcome: 'failed', failed_gate: '7_canonical_actor', exit_code: 1 }]);
    expect(await statement(`select from kora.event where type = 'kora.boot.failed'`)).toHaveLength(1);
  });

  it('a newer, breaking schema exits 78, and a check says the same and changes nothing', async () => {
    await statement(`update kora.actor set active = true where actor_id = 'kora'`);
    await statement(
      `insert into kora.migration (owner, number, name, safety, checksum, build, sql)
       values ('runtime', 9999, 'new-world', 'breaking', '', '9.9.9', '')`,
    );
    const rows = `select (select count(*) from kora.event) as events, (select count(*) from kora.boot) as boots`;
    const before = await statement(rows);
    const ended = await house.start(['up', '--json', '--port', '0'], { env }).ended;
    expect(ended.code).toBe(78);
    const check = await house.start(['boot', '--check-only', '--json'], { env }).ended;
    expect(check.code).toBe(78);
    expect(await statement(rows)).toEqual(before);
  });

  it('the history keeps the boots that failed and those that were refused', async () => {
    await statement('delete from kora.migration where number = 9999');
    expect((await house.start(['boot', '--check-only', '--json'], { env }).ended).code).toBe(0);
    up = await house.isUp(house.start(['up', '--json', '--port', '0'], { env }));
    const { data } = await house.read(shownSchema, 'boot', '--history');
    expect(data.history.map(({ outcome, exitCode }) => [outcome, exitCode])).toEqual([
      ['passed', 0],
      ['refused', 78],
      ['failed', 1],
      ['passed', 0],
    ]);
    expect(await house.kora('boot', '--history')).toMatchObject({ code: 0 });
  });
});
