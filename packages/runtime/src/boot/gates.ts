import { access, constants } from 'node:fs/promises';
import { z } from 'zod';
import { classified, draft, eventType, findingOf } from '../chain/index.ts';
import type { Chain, EventType } from '../chain/index.ts';
import { fault, KoraError } from '../fault/index.ts';
import { codeOf } from '../store/index.ts';
import type { Database, Migration } from '../store/index.ts';
import { checkSchema } from '../store/index.ts';
import { hasCanonicalActor, koraActor } from '../workspace/index.ts';
import type { Gate } from './gate.ts';

const smoke = classified({ public: { runtime_id: z.string() } });
const bootSmoke: EventType<z.infer<typeof smoke>> = eventType(
  'kora.boot.smoke',
  'Gate 10: an event was staged, sealed and read back, attributed to the canonical actor.',
  smoke,
);
export const bootEvents: readonly EventType[] = [bootSmoke];

export interface GateHouse {
  readonly database: Database;
  readonly chain: Chain;
  readonly workspaceId: number;
  readonly home: string;
  readonly configFile: string | null;
  readonly build: string;
  readonly migrations: readonly Migration[];
  /** Whether the store is in the life this home accepted: one sentence, or a throw that names both. */
  readonly epoch: () => Promise<string>;
  /** How many events the newest checkpoint with a good signature covers; 0 without one. */
  readonly checkpointed: () => Promise<number>;
  /** Changes nothing: the smoke event is rolled back. */
  readonly checkOnly: boolean;
}

/** How many of the newest events gate 5 proves: those since the last checkpoint, but no fewer and no more than these. */
const provenAtBoot = { least: 1_024, most: 200_000 };

/** The gates that have something to check in this build, in the order of DOMAIN §2. */
export function standardGates(house: GateHouse): Gate[] {
  return [
    {
      gateId: '1_configuration',
      title: 'Configuration valid, home writable and held',
      gateClass: 'invariant',
      deadlineMs: 5_000,
      run: () => configuration(house),
    },
    {
      gateId: '3_schema_version',
      title: 'Database schema is this build’s, or newer and safe',
      gateClass: 'invariant',
      deadlineMs: 10_000,
      run: () => schemaVersion(house),
    },
    {
      gateId: '3b_epoch',
      title: 'The store is in the epoch this home accepted last',
      gateClass: 'invariant_pause',
      deadlineMs: 5_000,
      run: () => house.epoch(),
    },
    {
      gateId: '4_role',
      title: 'The role can append and is refused changes to the event log',
      gateClass: 'transient',
      deadlineMs: 10_000,
      run: () => role(house),
    },
    {
      gateId: '5_chain_head',
      title: 'The last checkpoint is signed, and the events since verify up to the head',
      gateClass: 'invariant_pause',
      deadlineMs: 30_000,
      run: (signal) => chainHead(house, signal),
    },
    {
      gateId: '7_canonical_actor',
      title: 'The workspace has its active kora actor',
      gateClass: 'invariant',
      deadlineMs: 5_000,
      run: () => canonicalActor(house),
    },
    {
      gateId: '10_smoke',
      title: 'An event can be staged and read back',
      gateClass: 'invariant',
      deadlineMs: 15_000,
      run: () => smokeTest(house),
    },
  ];
}

async function configuration({ home, configFile }: GateHouse): Promise<string> {
  await access(home, constants.R_OK | constants.W_OK);
  return `${configFile ?? 'defaults'}; home ${home}`;
}

async function schemaVersion({ database, build, migrations }: GateHouse): Promise<string> {
  const { newer } = await checkSchema(database, { owner: 'runtime', build, migrations });
  return newer === 0
    ? `${migrations.length} migrations, all of this build`
    : `${newer} safe migrations of a newer build`;
}

/** Tried, not looked up: each statement must be refused by the log's own trigger. */
async function role({ database }: GateHouse): Promise<string> {
  const attempts = [
    'update kora.event set type = type where false',
    'delete from kora.event where false',
    'update kora.event_body set body = body where false',
  ];
  for (const statement of attempts) {
    const refused = await database
      .transaction(async (tx) => {
        await tx.query(statement);
      })
      .then(
        () => false,
        (error: unknown) => {
          if (isRefusal(error)) return true;
          throw error;
        },
      );
    if (!refused) {
      throw fault(
        'KORA_STORE_REFUSED',
        `the event log lets itself be changed: "${statement}" was not refused`,
        {
          fix: 'restore the triggers of kora.event from a backup, or start a fresh store',
        },
      );
    }
  }
  return 'UPDATE and DELETE on the event log are refused';
}

/** By the log's trigger, or, for a role of few rights, before the trigger was even asked. */
function isRefusal(error: unknown): boolean {
  const cause = error instanceof KoraError ? error.cause : error;
  return ['KR001', '42501'].includes(codeOf(cause));
}

async function chainHead({ chain, checkpointed }: GateHouse, signal: AbortSignal): Promise<string> {
  const [{ seq }, signed] = await Promise.all([chain.head(), checkpointed()]);
  const { least, most } = provenAtBoot;
  const count = Math.min(Math.max(seq - signed, least), most);
  const found = await chain.verify({ from: Math.max(1, seq - count + 1), signal });
  const vouched = signed === 0 ? '' : `, and a signed checkpoint vouches for ${signed}`;
  if (found.ok)
    return seq === 0 ? 'the chain is empty' : `${found.checked} events up to #${seq} verify${vouched}`;
  throw fault('KORA_BOOT_FAILED', `event #${found.firstBadSeq} is ${found.problem}: ${found.detail}`, {
    fix: 'kora event verify',
    // The verifier that follows the seals meets the same event: one damage is one hold, whoever was first.
    details: { holdOwner: findingOf(found) },
  });
}

async function canonicalActor({ database, workspaceId }: GateHouse): Promise<string> {
  if (await hasCanonicalActor(database, workspaceId)) return `actor ${koraActor} is active`;
  throw fault('KORA_BOOT_FAILED', `workspace ${workspaceId} has no active ${koraActor} actor`, {
    fix: 'restore the kora.actor row from a backup',
  });
}

async function smokeTest({ database, chain, checkOnly }: GateHouse): Promise<string> {
  const event = draft(bootSmoke, { runtime_id: chain.owner.runtimeId });
  if (checkOnly) {
    const rolledBack = fault('KORA_INTERNAL', 'the smoke event of a check is never kept');
    await database
      .transaction(async (tx) => {
        await chain.stage(tx, [event]);
        throw rolledBack;
      })
      .catch((error: unknown) => {
        if (error !== rolledBack) throw error;
      });
    return 'an event was staged and rolled back';
  }
  const seq = await chain.appendSealed(event);
  const [read] = seq === null ? [] : await chain.read({ after: seq - 1, limit: 1 });
  if (read !== undefined && read.type === bootSmoke.type && read.actorId === koraActor)
    return `sealed and read as #${seq}`;
  // Another runtime's sealer may have taken it: then it is on the chain all the same, under a number we were not told.
  if (seq === null) return 'sealed by another runtime';
  throw fault('KORA_BOOT_FAILED', `event #${seq} did not read back as it was staged`, {
    fix: 'kora event verify',
  });
}
