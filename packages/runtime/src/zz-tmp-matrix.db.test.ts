import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeFiles } from './home/index.ts';
import { raiseEpoch } from './state/index.ts';
import { BootScene } from './testing/boot-scene.ts';
import type { Attempt, BootPlan, Came } from './testing/boot-scene.ts';

/** One row of the table: what is wrong with the house, and what comes of its boot. */
interface Case extends Partial<BootPlan> {
  readonly gate: string;
  readonly wrong: string;
  /** How the boot ended, its exit code, how often the gate was asked, and what is on the chain. */
  readonly comes: readonly [outcome: string, exit: number, tries: number | 'again', ...events: string[]];
  readonly degrades?: string;
  /** The boot was refused before it could write: the next one tells it. */
  readonly later?: boolean;
}

/** The waits between the tries of a gate. */
const quick = [
  [2_000, 100],
  [4_000, 50],
  [8_000, 50],
  [16_000, 50],
] as const;
/** And the deadlines of gates. */
const impatient = [...quick, [5_000, 1_500], [10_000, 1_500], [15_000, 1_500], [30_000, 1_500]] as const;

const nothing = (): Promise<void> => Promise.resolve();

/** Statements that a boot says once: its row, the last of gate 4, and what the later gates begin with. */
const said = {
  row: 'insert into kora.boot ',
  role: 'delete from kora.event_body where false',
  control: 'from kora.hold where workspace_id',
  actor: 'from kora.actor where',
  grants: 'from kora.capability_grant where',
  spend: 'join kora.spend_pool',
} as const;

let scene: BootScene;
beforeAll(async () => {
  scene = await BootScene.open();
  await scene.sound();
});
afterAll(() => scene.drop());

const newerSchema = `insert into kora.migration (owner, number, name, safety, checksum, build, sql)
  values ('runtime', 9999, 'new-world', 'breaking', '', '9.9.9', '')`;
const another = 'update kora.store_identity set store_id = gen_random_uuid()';
const olderSchema = 'delete from kora.migration where number = 9999';
/** One event's body reads otherwise, past what guards it. */
const bodies = (change: string): string[] => [
  'alter table kora.event_body disable trigger append_only',
  `update kora.event_body ${change}`,
  'alter table kora.event_body enable trigger append_only',
];
const tampered = bodies(
  "set body = '{ ' || substr(body, 2) where seq = (select max(seq) from kora.event_body)",
);
const restored = bodies("set body = '{' || substr(body, 3) where starts_with(body, '{ ')");

/** In the middle of a boot, before it says these. */
function when(
  texts: readonly string[],
  does: (attempt: Attempt) => Promise<void> | void,
): BootPlan['before'] {
  return (attempt) => {
    texts.forEach((text, at) => {
      attempt.proxy.trap(text, at === texts.length - 1 ? () => does(attempt) : undefined);
    });
    return Promise.resolve();
  };
}

/** A table is not there from the boot's row on, and is there again afterwards. */
function without(table: string): Pick<Case, 'before' | 'mend'> {
  return {
    before: when([said.row], () => scene.sql(`alter table kora.${table} rename to ${table}_gone`)),
    mend: () => scene.sql(`alter table kora.${table}_gone rename to ${table}`),
  };
}

async function resumed({ api }: Attempt): Promise<void> {
  const client = await api();
  const { holds } = await client.operationalState();
  for (const { holdId } of holds) await client.resume('it was me', holdId);
  await expect.poll(async () => (await client.operationalState()).primaryState).toBe('ready');
}

const no: readonly Case[] = [
  {
    gate: '1_configuration',
    wrong: 'the lock of the home is gone',
    before: when([said.row], () => rm(join(scene.home, homeFiles.lock))),
    comes: ['failed', 1, 1, 'kora.boot.failed'],
  },
  {
    gate: '2_credential_rule',
    wrong: 'two URLs of the database',
    env: { KORA_DATABASE_URL_FILE: '/nowhere' },
    before: async () => undefined,
    later: true,
    comes: ['refused', 1, 1, 'kora.boot.failed'],
  },
  {
    gate: '3_schema_version',
    wrong: 'a newer build changed the schema',
    before: () => scene.sql(newerSchema),
    mend: () => scene.sql(olderSchema),
    later: true,
    comes: ['refused', 78, 1, 'kora.boot.failed'],
  },
  {
    gate: '3_schema_version',
    wrong: 'it does so during the boot',
    before: when([said.row], () => scene.sql(newerSchema)),
    mend: () => scene.sql(olderSchema),
    comes: ['failed', 78, 1, 'boot.retrying', 'kora.boot.failed'],
    degrades: 'migration',
  },
  {
    gate: '3b_epoch',
    wrong: 'another store is in its place',
    before: () => scene.sql('create table kora.was as select store_id from kora.store_identity', another),
    mend: () =>
      scene.sql(
        'update kora.store_identity set store_id = (select store_id from kora.was)',
        'drop table kora.was',
      ),
    later: true,
    comes: ['refused', 78, 1, 'kora.boot.failed'],
  },
  {
    gate: '3b_epoch',
    wrong: 'the store was restored',
    before: async () => void (await raiseEpoch(scene.store.database, { by: 'operator', reason: 'restored' })),
    after: resumed,
    comes: ['paused', 0, 1, 'kora.hold.added', 'kora.dr.observed'],
  },
  {
    gate: '3b_epoch',
    wrong: 'the epoch cannot be read',
    ...without('store_epoch'),
    comes: ['failed', 75, 5, 'boot.retrying', 'kora.boot.failed'],
    degrades: 'substrate',
  },
  {
    gate: '4_role',
    wrong: 'the event log lets itself be changed',
    before: () => scene.sql('alter table kora.event disable trigger append_only'),
    mend: () => scene.sql('alter table kora.event enable trigger append_only'),
    comes: ['failed', 75, 5, 'boot.retrying', 'kora.boot.failed'],
    degrades: 'dispatch',
  },
  {
    gate: '4_role',
    wrong: 'until somebody mends it',
    before: () => scene.sql('alter table kora.event disable trigger append_only'),
    beside: async ({ readyz }) => {
      await readyz('4_role', 'fail');
      await scene.sql('alter table kora.event enable trigger append_only');
    },
    comes: ['passed', 0, 'again', 'boot.retrying', 'kora.boot.ready'],
  },
  {
    gate: '5_chain_head',
    wrong: 'an event was changed',
    before: () => scene.sql(...tampered),
    after: async (attempt) => {
      await scene.sql(...restored);
      await resumed(attempt);
    },
    comes: ['paused', 0, 1, 'kora.hold.added'],
  },
  {
    gate: '6_tokens',
    wrong: 'the service refuses the token',
    before: async () => scene.service('refused'),
    mend: async () => scene.service('ok'),
    comes: ['passed', 0, 1, 'boot.retrying', 'kora.boot.ready'],
    degrades: 'token_expiring',
  },
  {
    gate: '7_canonical_actor',
    wrong: 'the kora actor is not active',
    before: () => scene.sql("update kora.actor set active = false where actor_id = 'kora'"),
    mend: () => scene.sql("update kora.actor set active = true where actor_id = 'kora'"),
    comes: ['failed', 1, 1, 'kora.boot.failed'],
  },
  {
    gate: '8_capability_matrix',
    wrong: 'the grants cannot be read',
    ...without('capability_grant'),
    comes: ['failed', 75, 5, 'boot.retrying', 'kora.boot.failed'],
    degrades: 'substrate',
  },
  {
    gate: '9_cost_state',
    wrong: 'the spend journal cannot be read',
    ...without('spend_pool'),
    comes: ['failed', 75, 5, 'boot.retrying', 'kora.boot.failed'],
    degrades: 'cost',
  },
  {
    gate: '10_smoke',
    wrong: 'the log does not take the event',
    before: () =>
      scene.sql(
        `create function kora.mute() returns trigger language plpgsql as
         $$ begin raise exception 'not this one'; end $$`,
        `create trigger mute before insert on kora.event for each row
         when (new.type = 'kora.boot.smoke') execute function kora.mute()`,
      ),
    mend: () => scene.sql('drop function kora.mute() cascade'),
    comes: ['failed', 1, 1, 'kora.boot.failed'],
  },
];

/** The store goes at the first thing that the gate says to it, and comes back when the boot has shown that it waits. */
function away(gate: string, texts: readonly string[], over: Partial<Case> = {}): Case {
  return {
    gate,
    wrong: 'the store is away',
    before: when(texts, ({ proxy }) => proxy.down()),
    beside: async ({ readyz, proxy }) => {
      await readyz(gate, 'unavailable');
      proxy.up();
    },
    comes: ['passed', 0, 'again', 'boot.retrying', 'kora.boot.ready'],
    ...over,
  };
}

/** The store says nothing, and ends nothing: the gate runs into its deadline. */
function silent(gate: string, texts: readonly string[]): Case {
  return away(gate, texts, {
    wrong: 'the store is silent',
    hurry: new Map(impatient),
    before: when(texts, ({ proxy }) => proxy.freeze()),
    beside: async ({ readyz, proxy }) => {
      await readyz(gate, 'unavailable');
      proxy.thaw();
    },
  });
}

const noAnswer: readonly Case[] = [
  away('3_schema_version', [said.row, 'from kora.migration']),
  silent('3_schema_version', [said.row, 'from kora.migration']),
  away('3b_epoch', [said.row, 'from kora.store_identity']),
  away('4_role', [said.row, 'update kora.event set type']),
  silent('4_role', [said.row, 'update kora.event set type']),
  away('5_chain_head', [said.role, 'from kora.chain_head where']),
  silent('5_chain_head', [said.role, 'from kora.chain_head where']),
  {
    gate: '6_tokens',
    wrong: 'the service does not answer',
    before: async () => scene.service('unavailable'),
    mend: async () => scene.service('ok'),
    comes: ['passed', 0, 1, 'boot.retrying', 'kora.boot.ready'],
    degrades: 'token_expiring',
  },
  // The controller asks the same every second, which it must not just then.
  away('6_tokens', [said.role, 'from kora.chain_head where', said.control], {
    hurry: new Map([...quick, [1_000, 60_000]]),
  }),
  away('7_canonical_actor', [said.role, said.actor]),
  away('8_capability_matrix', [said.actor, said.grants]),
  away('9_cost_state', [said.grants, said.spend]),
  away('10_smoke', [said.role, 'kora.boot.smoke']),
];

/** What is told of a boot; `boot.retrying` is a transition of the state, told as often as a reason came. */
const tells = ['boot.retrying', 'kora.boot.failed', 'kora.boot.ready', 'kora.dr.observed', 'kora.hold.added'];

function came({ row, exit, events }: Came, { gate, comes, later = false }: Case): Case['comes'] {
  const attempts = row?.gates.find(({ gateId }) => gateId === gate)?.attempts ?? 0;
  const again = comes[2] === 'again' && attempts > 1;
  // What the case itself did afterwards is not told of its boot.
  const end = events.findIndex((type) => type === (later ? 'kora.boot.ready' : 'kora.hold.cleared'));
  const told = events.slice(0, end < 0 ? undefined : end).filter((type) => tells.includes(type));
  const once = told.filter((type, at) => type !== 'boot.retrying' || told.indexOf(type) === at);
  return [row?.outcome ?? 'no row', exit, again ? 'again' : attempts, ...once];
}

describe.each([
  { what: 'cannot be answered', cases: Array.from({ length: 16 }, () => silent('5_chain_head', [said.role, 'from kora.chain_head where'])) },
])('a gate that $what', ({ cases }) => {
  test.each(cases)('$gate: $wrong', async (one) => {
    const { before = nothing, beside = nothing, after = nothing, mend = nothing } = one;
    const { env = {}, hurry = new Map(quick), later = false } = one;
    const left = await scene.boot({ before, beside, after, mend, env, hurry }, later);
    expect(came(left, one)).toEqual(one.comes);
    const [outcome, , tries] = one.comes;
    const found = left.row?.gates.find(({ gateId }) => gateId === one.gate);
    expect(found?.degradation).toBe(one.degrades);
    expect(left.row).toMatchObject({
      exitCode: left.exit,
      failedGate: outcome === 'passed' ? null : one.gate,
    });
    if (tries !== 'again') return;
    // It never said that it was ready while it did not know, and it says afterwards what kept it.
    expect(found).toMatchObject({ outcome: 'pass', trouble: expect.any(String) });
    expect(left.states.map(({ primaryState }) => primaryState)).not.toContain('stopped');
  });
});

