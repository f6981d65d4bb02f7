import { draft, storable } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Transaction } from '../store/index.ts';
import type { NewMessage, Severity } from './contract.ts';
import { messageReturned } from './events.ts';

export interface ReturnedOptions {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Accepts a message and has it sent. */
  readonly tell: (tx: Transaction, message: NewMessage) => Promise<void>;
  /** The workspace's other channels, in their order. */
  readonly elsewhere: (channel: string) => readonly string[];
}

export interface Returned {
  readonly channel: string;
  readonly receipt: string;
  readonly reason: string;
}

interface Told {
  readonly messageId: number;
  readonly thread: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly source: string;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly attachments: string[];
  readonly answers: number | null;
  readonly again: boolean;
}

const longestBody = 50_000;
const longestReason = 1_000;
const atOnce = 200;

/** The key under which a message that came back is told over another channel. */
export function againKey(messageId: number): string {
  return `returned:${messageId}`;
}

/**
 * What a channel had taken and could not deliver after all goes on to the channels after it, once, however often it is
 * said; what was told within another message is told within it there, too. Answers `unknown` for a receipt that nothing
 * was told under.
 */
export async function takeBack(
  tx: Transaction,
  options: ReturnedOptions,
  { channel, receipt, reason }: Returned,
): Promise<'rerouted' | 'unknown'> {
  const [to = 'inbox', ...fallback] = options.elsewhere(channel);
  const why = String(storable(reason.slice(0, longestReason)));
  const keys: string[] = [];
  let after = 0;
  for (;;) {
    const told = await toldUnder(tx, options.workspaceId, { channel, receipt, after });
    if (after === 0 && told.length === 0) return 'unknown';
    for (const { again, ...each } of told) {
      if (again) continue;
      await tellAgain(tx, options, each, { channel, to, fallback, why });
      keys.push(againKey(each.messageId));
    }
    after = told.at(-1)?.messageId ?? after;
    if (told.length < atOnce) break;
  }
  if (keys.length > 1) await carryAgain(tx, options.workspaceId, { channel, receipt, keys });
  return 'rerouted';
}

interface Way {
  readonly channel: string;
  readonly to: string;
  readonly fallback: readonly string[];
  readonly why: string;
}

async function tellAgain(
  tx: Transaction,
  { workspaceId, stage, tell }: ReturnedOptions,
  { messageId, correlationId, causationId, answers, body, ...same }: Omit<Told, 'again'>,
  { channel, to, fallback, why }: Way,
): Promise<void> {
  const note = `(It was sent over ${channel} and came back: ${why})`;
  const links = {
    ...(correlationId === null ? {} : { correlationId }),
    ...(causationId === null ? {} : { causationId }),
  };
  await tell(tx, {
    ...same,
    ...links,
    key: againKey(messageId),
    body: `${body.slice(0, longestBody - note.length - 2)}\n\n${note}`,
    channel: to,
    fallback,
    ...(answers === null ? {} : { answers }),
  });
  // What it asks is asked there as well, under a code of its own.
  await tx.query(
    `update kora.message again set decision_id = told.decision_id from kora.message told
     where again.workspace_id = $1 and again.key = $3 and told.workspace_id = $1 and told.message_id = $2`,
    [workspaceId, messageId, againKey(messageId)],
  );
  await stage(tx, [draft(messageReturned, { message_id: messageId, channel, to, reason: why }, links)]);
}

/** Several where one mail told of many. */
function toldUnder(
  tx: Transaction,
  workspaceId: number,
  { channel, receipt, after }: Pick<Returned, 'channel' | 'receipt'> & { readonly after: number },
): Promise<Told[]> {
  return tx.query<Told>(
    `select m.message_id as "messageId", m.thread, m.severity, m.title, m.body, m.source,
       m.correlation_id as "correlationId", m.accepted_event as "causationId", m.attachments, m.answers,
       exists (select from kora.message again where again.workspace_id = $1
         and again.key = 'returned:' || m.message_id) as again
     from kora.delivery d join kora.message m using (workspace_id, message_id)
     where d.workspace_id = $1 and d.channel = $2 and d.receipt = $3 and m.message_id > $4
     order by m.message_id limit ${atOnce}`,
    [workspaceId, channel, receipt, after],
  );
}

/** One message told of many, and does again. */
async function carryAgain(
  tx: Transaction,
  workspaceId: number,
  { channel, receipt, keys }: Pick<Returned, 'channel' | 'receipt'> & { readonly keys: readonly string[] },
): Promise<void> {
  await tx.query(
    `update kora.outbox o set within = carrier.message_id
     from kora.delivery d, kora.message again, kora.message carrier
     where d.workspace_id = $1 and d.channel = $2 and d.receipt = $3 and d.within is not null
       and again.workspace_id = $1 and again.key = any($4) and again.key = 'returned:' || d.message_id
       and carrier.workspace_id = $1 and carrier.key = any($4) and carrier.key = 'returned:' || d.within
       and o.workspace_id = $1 and o.message_id = again.message_id`,
    [workspaceId, channel, receipt, keys],
  );
}
