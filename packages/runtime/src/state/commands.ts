import { draft } from '../chain/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import { codeOf } from '../store/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import { ceilingStanding } from './ceiling.ts';
import type { CeilingStanding } from './ceiling.ts';
import type { Hold } from './derive.ts';
import { controlIssued, controlSuperseded } from './events.ts';
import { holdInForce, isoHold, named } from './holds.ts';
import type { ControlContext } from './holds.ts';

/** What each level is called; the database knows the same pairs. */
export const stopKinds = ['reset', 'pause', 'drain', 'abort', 'kill', 'kill'] as const;
export type StopKind = (typeof stopKinds)[number];
export type StopLevel = 0 | 1 | 2 | 3 | 4 | 5;

/** Kora itself is not among them: it never stops or frees itself. */
export type IssuerKind = 'operator' | 'mcp' | 'plugin';
export type StopVia = 'api' | 'sentinel' | 'watchdog';

export interface StopCommand {
  readonly commandId: string;
  /** Rises by one in the order in which commands became visible in the workspace. */
  readonly sequence: number;
  readonly level: StopLevel;
  readonly kind: StopKind;
  readonly reason: string;
  readonly issuerActor: string;
  readonly issuerKind: IssuerKind;
  readonly via: StopVia;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** The event that says that it was issued. */
  readonly issuedEvent?: string | null;
}

export interface StopWish {
  readonly level: StopLevel;
  readonly reason: string;
  readonly issuer: { readonly actorId: string; readonly kind: IssuerKind };
  readonly via: StopVia;
  /** Milliseconds until it ends by itself; a reset has no end. */
  readonly expiresInMs?: number;
  /** The same id is the same command: it is issued once. */
  readonly commandId?: string;
}

export interface IssuedStop {
  readonly command: StopCommand;
  /** What a reset ended. */
  readonly superseded: readonly StopCommand[];
  /** A command of this id was there already; nothing was done. */
  readonly repeated: boolean;
}

/** What the store says is in force, as one statement saw it. */
export interface ControlView {
  readonly holds: readonly Hold[];
  /** In force, of level 1 and above, the strictest first. */
  readonly commands: readonly StopCommand[];
  readonly stopLevel: number;
  /** By the clock of the database. */
  readonly asOf: string;
  /** Who cleared what lately, so that its end can be told as it was. */
  readonly ended?: readonly {
    readonly holdId: number;
    readonly by: string;
    readonly event?: string | null;
  }[];
  /** The event of the newest reset. */
  readonly resetEvent?: string | null;
  /** Whether tickets reached the retry ceiling; left out where nobody looked. */
  readonly ceiling?: CeilingStanding;
}

/** SQL: a row of kora.control is in force. */
const stopInForce =
  'superseded_by is null and level > 0 and (expires_at is null or expires_at > clock_timestamp())';

export const commandColumns = `command_id as "commandId", sequence, level, kind, reason, issuer_actor as "issuerActor",
  issuer_kind as "issuerKind", via, created_at::text as "createdAt", expires_at::text as "expiresAt",
  issued_event as "issuedEvent"`;

/**
 * Issues a stop, or with level 0 the reset that supersedes every open one, and stages what says so. Throws
 * KORA_STOP_REFUSED when the issuer may not: the database decides that.
 */
export async function issueStop(
  tx: Transaction,
  context: ControlContext,
  wish: StopWish,
): Promise<IssuedStop> {
  const { workspaceId, stage } = context;
  const [made] = await insert(tx, workspaceId, wish).catch((error: unknown) => {
    throw refusal(error);
  });
  const command = made === undefined ? await known(tx, workspaceId, wish) : isoCommand(made);
  const ended = await tx.query<StopCommand>(
    `select ${commandColumns} from kora.control where workspace_id = $1 and superseded_by = $2 order by sequence`,
    [workspaceId, command.sequence],
  );
  const superseded = ended.map(isoCommand);
  if (made === undefined) return { command, superseded, repeated: true };
  const links = { actorId: command.issuerActor, correlationId: command.commandId };
  await stage(tx, [
    {
      ...draft(controlIssued, { ...commandFields(command), ...issuerFields(command) }, links),
      ...named(command.issuedEvent),
    },
    ...superseded.map((old) =>
      draft(controlSuperseded, { ...commandFields(old), superseded_by: command.sequence }, links),
    ),
  ]);
  return { command, superseded, repeated: false };
}

function insert(tx: Transaction, workspaceId: number, wish: StopWish): Promise<StopCommand[]> {
  const { level, reason, issuer, via, expiresInMs, commandId } = wish;
  return tx.query<StopCommand>(
    `insert into kora.control (workspace_id, command_id, level, kind, reason, issuer_actor, issuer_kind, via, expires_at)
     values ($1, coalesce($2::uuid, gen_random_uuid()), $3, $4, $5, $6, $7, $8,
       clock_timestamp() + make_interval(secs => $9))
     on conflict (workspace_id, command_id) do nothing returning ${commandColumns}`,
    [
      workspaceId,
      commandId ?? null,
      level,
      stopKinds[level],
      reason,
      issuer.actorId,
      issuer.kind,
      via,
      expiresInMs === undefined ? null : expiresInMs / 1_000,
    ],
  );
}

async function known(tx: Transaction, workspaceId: number, { commandId }: StopWish): Promise<StopCommand> {
  const [command] = await tx.query<StopCommand>(
    `select ${commandColumns} from kora.control where workspace_id = $1 and command_id = $2`,
    [workspaceId, commandId ?? null],
  );
  // Commands are never deleted: what the insert met is there.
  if (command === undefined)
    throw fault('KORA_INTERNAL', `command ${commandId ?? ''} is neither new nor known`);
  return isoCommand(command);
}

/** A check or a trigger of the database said no. */
const refusals: readonly string[] = ['23514', 'KR003'];

function refusal(error: unknown): unknown {
  if (!refusals.includes(codeOf(error))) return error;
  return fault('KORA_STOP_REFUSED', `the store refuses this command: ${messageOf(error)}`, { cause: error });
}

/** What is in force now: holds and commands, seen by one statement. */
export async function readControl(db: Queryable, workspaceId: number): Promise<ControlView> {
  const [row] = await db.query<Omit<ControlView, 'stopLevel'>>(
    `select clock_timestamp()::text as "asOf",
       (select coalesce(jsonb_agg(to_jsonb(h) order by h."holdId"), '[]') from (
         select hold_id as "holdId", cause, owner, reason, since, expires_at as "expiresAt", particulars,
           added_event as "addedEvent"
         from kora.hold where workspace_id = $1 and ${holdInForce}) h) as holds,
       (select coalesce(jsonb_agg(to_jsonb(c) order by c.level desc, c.sequence), '[]') from (
         select ${commandColumns} from kora.control where workspace_id = $1 and ${stopInForce}) c) as commands,
       (select coalesce(jsonb_agg(to_jsonb(e)), '[]') from (
         select hold_id as "holdId", cleared_by as by, cleared_event as event from kora.hold
         where workspace_id = $1 and cleared_at > clock_timestamp() - interval '1 h'
         order by cleared_at desc limit 100) e) as ended,
       (select issued_event from kora.control where workspace_id = $1 and level = 0
        order by sequence desc limit 1) as "resetEvent",
       ${ceilingStanding} as ceiling`,
    [workspaceId],
  );
  const {
    asOf,
    holds,
    commands,
    ended = [],
    resetEvent = null,
    ceiling,
  } = row ?? { asOf: '', holds: [], commands: [] };
  return {
    asOf: new Date(asOf).toISOString(),
    holds: holds.map(isoHold),
    commands: commands.map(isoCommand),
    stopLevel: commands[0]?.level ?? 0,
    ended,
    resetEvent,
    ...(ceiling === undefined ? {} : { ceiling }),
  };
}

/**
 * SQL: no hold and no stop is in force in the workspace. For the statement that claims, so that what was committed before
 * it began is never claimed past.
 */
export function gateFragment({ workspace }: { readonly workspace: string }): string {
  return `(not exists (select from kora.hold where hold.workspace_id = ${workspace} and ${holdInForce})
    and not exists (select from kora.control where control.workspace_id = ${workspace} and ${stopInForce}))`;
}

export function isoCommand(command: StopCommand): StopCommand {
  return {
    ...command,
    createdAt: new Date(command.createdAt).toISOString(),
    expiresAt: command.expiresAt === null ? null : new Date(command.expiresAt).toISOString(),
  };
}

export function commandFields({ commandId, sequence, level, kind }: StopCommand): {
  command_id: string;
  sequence: number;
  level: number;
  kind: StopKind;
} {
  return { command_id: commandId, sequence, level, kind };
}

function issuerFields({ issuerKind, issuerActor, via, reason, expiresAt }: StopCommand): {
  issuer_kind: IssuerKind;
  issuer_actor: string;
  via: StopVia;
  reason: string;
  expires_at: string | null;
} {
  return { issuer_kind: issuerKind, issuer_actor: issuerActor, via, reason, expires_at: expiresAt };
}
