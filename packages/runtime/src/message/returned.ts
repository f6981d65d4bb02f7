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

/** The key under which a message that came back is told over another channel. */
export function againKey(messageId: number): string {
  return `returned:${messageId}`;
}

/**
 * What a channel had taken and could not deliver after all goes on to the channels after it, once, however often it is
 * said. Answers `unknown` for a receipt that nothing was told under.
 */
export async function takeBack(
  tx: Transaction,
  options: ReturnedOptions,
  { channel, receipt, reason }: Returned,
): Promise<'rerouted' | 'unknown'> {
  const { workspaceId, stage, tell, elsewhere } = options;
  const told = await toldUnder(tx, workspaceId, { channel, receipt });
  if (told.length === 0) return 'unknown';
  const why = String(storable(reason.slice(0, longestReason)));
  const [to = 'inbox', ...fallback] = elsewhere(channel);
  for (const { messageId, again, ...message } of told) {
    if (again) continue;
    const { correlationId, causationId, answers, body, ...same } = message;
    const note = `(It was sent over ${channel} and came back: ${why})`;
    await tell(tx, {
      ...same,
      key: againKey(messageId),
      body: `${body.slice(0, longestBody - note.length - 2)}\n\n${note}`,
      channel: to,
      fallback,
      ...(correlationId === null ? {} : { correlationId }),
      ...(causationId === null ? {} : { causationId }),
      ...(answers === null ? {} : { answers }),
    });
    // What it asks is asked there as well, under a code of its own.
    await tx.query(
      `update kora.message again set decision_id = told.decision_id from kora.message told
       where again.workspace_id = $1 and again.key = $3 and told.workspace_id = $1 and told.message_id = $2`,
      [workspaceId, messageId, againKey(messageId)],
    );
    const links = {
      ...(correlationId === null ? {} : { correlationId }),
      ...(causationId === null ? {} : { causationId }),
    };
    await stage(tx, [draft(messageReturned, { message_id: messageId, channel, to, reason: why }, links)]);
  }
  return 'rerouted';
}

/** Several where one mail told of many. */
function toldUnder(
  tx: Transaction,
  workspaceId: number,
  { channel, receipt }: Pick<Returned, 'channel' | 'receipt'>,
): Promise<Told[]> {
  return tx.query<Told>(
    `select m.message_id as "messageId", m.thread, m.severity, m.title, m.body, m.source,
       m.correlation_id as "correlationId", m.accepted_event as "causationId", m.attachments, m.answers,
       exists (select from kora.message again where again.workspace_id = $1
         and again.key = 'returned:' || m.message_id) as again
     from kora.delivery d join kora.message m using (workspace_id, message_id)
     where d.workspace_id = $1 and d.channel = $2 and d.receipt = $3 order by m.message_id limit 200`,
    [workspaceId, channel, receipt],
  );
}
