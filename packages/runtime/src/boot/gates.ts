import { access, constants } from 'node:fs/promises';
import { z } from 'zod';
import { classified, draft, eventType, findingOf } from '../chain/index.ts';
import type { Chain, EventType } from '../chain/index.ts';
import { contradiction } from '../config/index.ts';
import type { CredentialSource } from '../config/index.ts';
import { fault, KoraError } from '../fault/index.ts';
import { lockHolder } from '../home/index.ts';
import { checkSchema, missingMigrations } from '../store/index.ts';
import type { Database, Migration } from '../store/index.ts';
import { hasCanonicalActor, koraActor } from '../workspace/index.ts';
import { gateFacts } from './facts.ts';
import type { StandardGateId } from './facts.ts';
import type { Gate, GateAnswer } from './gate.ts';
import { tryRole } from './role.ts';
import { judgeTokens } from './tokens.ts';
import type { TokenLook } from './tokens.ts';

const smoke = classified({ public: { runtime_id: z.string() } });
const bootSmoke: EventType<z.infer<typeof smoke>> = eventType(
  'kora.boot.smoke',
  'Gate 10: an event was staged, sealed and read back, attributed to the canonical actor.',
  smoke,
);
export const bootEvents: readonly EventType[] = [bootSmoke];

/** What the gates look at. */
export interface GateHouse {
  readonly database: Database;
  readonly chain: Chain;
  readonly workspaceId: number;
  readonly home: string;
  readonly configFile: string | null;
  readonly credentials: readonly CredentialSource[];
  readonly build: string;
  readonly migrations: readonly Migration[];
  /** Whether the store is in the life this home accepted: one sentence, or KORA_EPOCH_MISMATCH that names both. */
  readonly epoch: () => Promise<string>;
  /** How many events the newest checkpoint with a good signature covers; 0 without one. */
  readonly checkpointed: () => Promise<number>;
  /** What the services of the registered tokens say, now. */
  readonly tokens: (signal: AbortSignal) => Promise<readonly TokenLook[]>;
  /** Reads the matrix and the grants: one sentence, or a throw. */
  readonly capabilities: { load(): Promise<string> };
  /** Reads the spend journal: one sentence, or a throw. */
  readonly spend: { read(): Promise<string> };
  /** The gates that trusted plugins added. */
  readonly added: readonly Gate[];
  /** Changes nothing: the smoke event is rolled back. */
  readonly checkOnly: boolean;
}

type Run = Gate['run'];

/** The gates in the order of DOMAIN §2, with those of plugins before the smoke test. */
export function standardGates(house: GateHouse): Gate[] {
  const { capabilities, spend } = house;
  const runs: Readonly<Record<StandardGateId, Run>> = {
    '1_configuration': () => configuration(house),
    '2_credential_rule': () => Promise.resolve(credentialRule(house.credentials)),
    '3_schema_version': () => schemaVersion(house),
    '3b_epoch': () => epoch(house),
    '4_role': () => tryRole(house, draft(bootSmoke, { runtime_id: house.chain.owner.runtimeId })),
    '5_chain_head': (signal) => chainHead(house, signal),
    '6_tokens': async (signal) => judgeTokens(await house.tokens(signal)),
    '7_canonical_actor': () => canonicalActor(house),
    '8_capability_matrix': () => capabilities.load(),
    '9_cost_state': () => spend.read(),
    '10_smoke': () => smokeTest(house),
  };
  const own: Gate[] = gateFacts.map((facts) => ({ ...facts, run: runs[facts.gateId] }));
  return [...own.slice(0, -1), ...house.added, ...own.slice(-1)];
}

async function configuration({ home, configFile }: GateHouse): Promise<string> {
  await access(home, constants.R_OK | constants.W_OK);
  const holder = await lockHolder(home);
  if (holder?.pid === process.pid) return `${configFile ?? 'defaults'}; home ${home}`;
  const whose = holder === undefined ? 'nobody' : `pid ${holder.pid}`;
  throw fault(
    'KORA_BOOT_FAILED',
    `the lock of the home ${home} is held by ${whose}, and not by this process`,
    {
      fix: 'kora down, then kora up; and leave the lock file of a home alone',
    },
  );
}

/** Gate 2, and what is asked before a store is opened: names of settings, never what they hold. */
export function credentialRule(sources: readonly CredentialSource[]): GateAnswer {
  const detail = contradiction(sources);
  if (detail !== undefined) return { outcome: 'fail', detail, fix: 'unset one of the two' };
  const said = sources.map(({ provider, names }) => `${provider} from ${names.join()}`).join(', ');
  return { outcome: 'pass', detail: said === '' ? 'no credentials are configured' : said };
}

async function schemaVersion({ database, build, migrations }: GateHouse): Promise<GateAnswer> {
  const options = { owner: 'runtime', build, migrations };
  const { newer } = await checkSchema(database, options);
  const missing = await missingMigrations(database, options);
  if (missing > 0) {
    const detail = `${missing} of ${migrations.length} migrations are not applied yet; kora up applies them`;
    return { outcome: 'pass', detail, degradation: 'migration' };
  }
  return {
    outcome: 'pass',
    detail:
      newer === 0
        ? `${migrations.length} migrations, all of this build`
        : `${newer} safe migrations of a newer build`,
  };
}

/** Only a mismatch is a no; an epoch that could not be read is looked at again. */
async function epoch(house: GateHouse): Promise<string | GateAnswer> {
  try {
    return await house.epoch();
  } catch (error) {
    if (!(error instanceof KoraError) || error.code !== 'KORA_EPOCH_MISMATCH') throw error;
    const { message: detail, fix } = error;
    return { outcome: 'fail', detail, ...(fix === undefined ? {} : { fix }) };
  }
}

/** How many of the newest events gate 5 proves: those since the last checkpoint, but no fewer and no more than these. */
const provenAtBoot = { least: 1_024, most: 200_000 };

async function chainHead(
  { chain, checkpointed }: GateHouse,
  signal: AbortSignal,
): Promise<string | GateAnswer> {
  const [{ seq }, signed] = await Promise.all([chain.head(), checkpointed()]);
  const { least, most } = provenAtBoot;
  const count = Math.min(Math.max(seq - signed, least), most);
  const found = await chain.verify({ from: Math.max(1, seq - count + 1), signal });
  const vouched = signed === 0 ? '' : `, and a signed checkpoint vouches for ${signed}`;
  if (found.ok)
    return seq === 0 ? 'the chain is empty' : `${found.checked} events up to #${seq} verify${vouched}`;
  return {
    outcome: 'fail',
    detail: `event #${found.firstBadSeq} is ${found.problem}: ${found.detail}`,
    fix: 'kora event verify',
    // The verifier that follows the seals meets the same event: one damage is one hold, whoever was first.
    holdOwner: findingOf(found),
  };
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
