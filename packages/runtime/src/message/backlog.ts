import type { Transaction } from '../store/index.ts';
import type { Severity } from './contract.ts';
import { acceptMessage } from './outbox.ts';
import type { OutboxContext } from './outbox.ts';
import { gatheringTurn } from './turn.ts';

export interface BacklogPolicy {
  /** Who waited longer is told of only by the newest state of its thread. */
  readonly staleMs: number;
  /** More threads than that are told of in one message; what is critical always alone. */
  readonly burst: number;
}

interface Waiting {
  readonly messageId: number;
  readonly thread: string;
  readonly severity: Severity;
  readonly fallback: string[];
  readonly attempts: number;
  readonly dueAt: Date;
  readonly stale: boolean;
  /** Somebody sends it now. */
  readonly leased: boolean;
}

const mostAtOnce = 2_000;
const mostRounds = 20;

/**
 * What waited long for a channel is not poured out when it is back: of each thread the newest message carries the ones
 * before it, and of many threads one message carries them all. None is lost: each is delivered within the one that
 * carries it, and stands in the inbox as it was. What answers somebody or asks for a decision stays by itself. False when
 * somebody else holds some of it just now: half of it gathered would be two messages about many.
 */
export async function gatherBacklog(
  tx: Transaction,
  context: OutboxContext,
  channel: string,
  policy: BacklogPolicy,
): Promise<boolean> {
  for (let round = 0; round < mostRounds; round += 1) {
    const seen = await gatherOnce(tx, context, channel, policy);
    if (seen < 0) return false;
    if (seen < mostAtOnce) return true;
  }
  return true;
}

/** Answers how many messages it looked at; below zero when some of them could not be had. */
async function gatherOnce(
  tx: Transaction,
  context: OutboxContext,
  channel: string,
  policy: BacklogPolicy,
): Promise<number> {
  const { workspaceId } = context;
  const values = [workspaceId, channel, policy.staleMs / 1_000];
  const staleAt = `clock_timestamp() - make_interval(secs => $3)`;
  // Messages are numbered as they come: where the first of them has not waited too long, none has.
  const [oldest] = await tx.query<{ stale: boolean }>(
    `select m.created_at <= ${staleAt} as stale
     from (select workspace_id, message_id from kora.outbox o
         where o.workspace_id = $1 and o.channel = $2 and o.within is null and not o.prompt
           and (o.leased_until is null or o.leased_until <= clock_timestamp())
         order by o.message_id limit 1000) as o join kora.message m using (workspace_id, message_id)
     where m.decision_id is null order by o.message_id limit 1`,
    values,
  );
  if (oldest?.stale !== true) return 0;
  if (!(await gatheringTurn(tx, workspaceId))) return -1;
  const waiting = `from kora.outbox o join kora.message m using (workspace_id, message_id)
     where o.workspace_id = $1 and o.channel = $2 and o.within is null and not o.prompt and m.decision_id is null
     order by o.message_id limit ${mostAtOnce}`;
  const rows = await tx.query<Waiting>(
    `select o.message_id as "messageId", o.thread, o.severity, o.fallback, o.attempts, o.due_at as "dueAt",
       m.created_at <= ${staleAt} as stale, coalesce(o.leased_until > clock_timestamp(), false) as leased
     ${waiting} for update of o skip locked`,
    values,
  );
  const [all] = await tx.query<{ count: number }>(
    `select count(*)::int as count from (select ${waiting}) as waiting`,
    values.slice(0, 2),
  );
  if (all === undefined || all.count > rows.length) return -1;
  const heads = await gatherThreads(tx, workspaceId, rows);
  const many = heads.filter(({ severity, stale }) => stale && severity !== 'critical');
  const whole = many.find(({ thread }) => thread === wholeThread(channel));
  const rest = many.filter((head) => head !== whole);
  if (whole !== undefined) await join(tx, workspaceId, whole, rest);
  else if (rest.length > policy.burst) await gatherAll(tx, context, channel, rest);
  return rows.length;
}

function wholeThread(channel: string): string {
  return `waited:${channel}`;
}

/** There is a message about many, and nobody sends it yet: what else waited too long is told in it. */
async function join(
  tx: Transaction,
  workspaceId: number,
  whole: Waiting,
  rest: readonly Waiting[],
): Promise<void> {
  if (rest.length === 0) return;
  await carry(tx, workspaceId, whole, rest);
  await tx.query(`update kora.outbox set severity = $3 where workspace_id = $1 and message_id = $2`, [
    workspaceId,
    whole.messageId,
    worstOf([whole, ...rest]),
  ]);
}

/** Each thread in one message, if anything of it waited too long; answers the messages that are left. */
async function gatherThreads(
  tx: Transaction,
  workspaceId: number,
  rows: readonly Waiting[],
): Promise<Waiting[]> {
  const heads: Waiting[] = [];
  for (const thread of Map.groupBy(rows, (row) => row.thread).values()) {
    const newest = thread.at(-1);
    if (newest === undefined || thread.some(({ leased }) => leased)) continue;
    const stale = thread.some((row) => row.stale);
    const head = { ...newest, severity: worstOf(thread), stale };
    heads.push(head);
    if (!stale || thread.length === 1) continue;
    await carry(tx, workspaceId, head, thread.slice(0, -1));
    await tx.query(
      `update kora.outbox set severity = $3, attempts = $4, due_at = $5 where workspace_id = $1 and message_id = $2`,
      [
        workspaceId,
        head.messageId,
        head.severity,
        Math.max(...thread.map(({ attempts }) => attempts)),
        new Date(Math.max(...thread.map(({ dueAt }) => dueAt.getTime()))),
      ],
    );
  }
  return heads;
}

async function gatherAll(
  tx: Transaction,
  context: OutboxContext,
  channel: string,
  heads: readonly Waiting[],
): Promise<void> {
  const { workspaceId } = context;
  const newest = heads.reduce((one, other) => (other.messageId > one.messageId ? other : one));
  const key = `waited:${channel}:${newest.messageId}`;
  const made = await acceptMessage(tx, context, {
    key,
    thread: wholeThread(channel),
    severity: worstOf(heads),
    title: `Messages that waited for ${channel}`,
    body: 'They were told together. Each stands in the inbox by itself: kora inbox',
    source: 'message',
    channel,
    fallback: newest.fallback,
  });
  if (!made) return;
  const [whole] = await tx.query<{ messageId: number }>(
    `select message_id as "messageId" from kora.message where workspace_id = $1 and key = $2`,
    [workspaceId, key],
  );
  if (whole === undefined) return;
  await carry(tx, workspaceId, whole, heads);
  await tx.query(`update kora.outbox set due_at = $3 where workspace_id = $1 and message_id = $2`, [
    workspaceId,
    whole.messageId,
    new Date(Math.min(...heads.map(({ dueAt }) => dueAt.getTime()))),
  ]);
}

/** These, and what they carried themselves, are told within that one. */
async function carry(
  tx: Transaction,
  workspaceId: number,
  carrier: Pick<Waiting, 'messageId'>,
  carried: readonly Pick<Waiting, 'messageId'>[],
): Promise<void> {
  await tx.query(
    `update kora.outbox set within = $2, leased_until = null
     where workspace_id = $1 and (message_id = any($3) or within = any($3))`,
    [workspaceId, carrier.messageId, carried.map(({ messageId }) => messageId)],
  );
}

function worstOf(rows: readonly Pick<Waiting, 'severity'>[]): Severity {
  if (rows.some(({ severity }) => severity === 'critical')) return 'critical';
  return rows.some(({ severity }) => severity === 'warning') ? 'warning' : 'info';
}

/** A message that is told within another one. */
export interface Carried {
  readonly title: string;
  readonly createdAt: Date;
}

const linesShown = 30;

/** What a message that carries others says: itself, and then they, the newest first. */
export function wordsWithCarried(
  { title, body, key }: { readonly title: string; readonly body: string; readonly key: string },
  channel: string,
  carried: readonly Carried[],
): { readonly title: string; readonly body: string } {
  if (carried.length === 0) return { title, body };
  const lines = carried
    .toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
    .slice(0, linesShown)
    .map((each) => `- ${each.createdAt.toISOString().slice(0, 16).replace('T', ' ')}  ${each.title}`);
  const more = carried.length - lines.length;
  const rest = more > 0 ? `… and ${more} more. All of them: kora inbox` : 'All of them: kora inbox';
  const isWhole = key.startsWith(`waited:${channel}:`) || /^waited:[a-z0-9_-]+:\d+$/.test(key);
  if (isWhole)
    return {
      title: `${carried.length} messages waited for ${channel}`,
      body: ['The newest first:', ...lines, '', rest].join('\n'),
    };
  const what = carried.length === 1 ? 'one message' : `${carried.length} messages`;
  return { title, body: [body, '', `Before it, ${what} waited for ${channel}:`, ...lines, rest].join('\n') };
}
