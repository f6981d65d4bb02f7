import { draft, storable } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { DecisionAnswer, InboundDoor } from '../contract.ts';
import { takeBack } from '../returned.ts';
import type { ReturnedOptions } from '../returned.ts';
import { bounded, readArrival, writtenAck, writtenDecision } from './arrival.ts';
import type { ReadInbound } from './arrival.ts';
import { lockConversation, nothingOpen } from './conversation.ts';
import { inboundQuarantined, inboundReceived } from './events.ts';
import { countRefusal } from './refusals.ts';
import type { Sealing } from './sealing.ts';

export interface DoorOptions extends Pick<ReturnedOptions, 'tell' | 'elsewhere'> {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Pick<Clock, 'uuid'>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Sees that these artifacts are there and stay; throws KORA_ARTIFACT_UNKNOWN. */
  readonly attach: (tx: Transaction, artifactIds: readonly string[]) => Promise<void>;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: (text: string) => string;
  readonly sealing: Pick<Sealing, 'seal'>;
  /** What becomes of a decision, at once and whatever waits. */
  readonly decide: (answer: DecisionAnswer & { readonly channel: string }) => Promise<Decided>;
  /** Something was accepted. */
  readonly announce: () => void;
}

export interface Decided {
  readonly status: string;
  readonly text: string;
}

/** The door of one channel. Every promise resolves after the commit: only then may the provider be told. */
export function inboundDoor(options: DoorOptions, channel: string): InboundDoor {
  const { database } = options;
  return {
    accept: async (given) => {
      const message = readArrival.message(given);
      return database.transaction((tx) => keep(tx, options, { channel, message }));
    },
    refuse: async (given) => {
      const refusal = readArrival.refusal(given);
      await database.transaction((tx) => countRefusal(tx, options, { channel, ...refusal }));
    },
    quarantine: async (given) => {
      const { providerId, sender, reason, raw } = readArrival.unreadable(given);
      const sealed = options.sealing.seal(raw);
      await database.transaction((tx) =>
        setAside(tx, options, { channel, providerId, sender, reason, sealed, bytes: raw.byteLength }),
      );
    },
    decide: (given) => options.decide({ ...readArrival.decision(given), channel }),
    returned: async (given) => {
      const report = readArrival.returned(given);
      return database.transaction((tx) => takeBack(tx, options, { channel, ...report }));
    },
  };
}

interface Arrived {
  readonly channel: string;
  readonly message: ReadInbound;
}

async function keep(
  tx: Transaction,
  options: DoorOptions,
  { channel, message }: Arrived,
): Promise<'accepted' | 'duplicate'> {
  const { workspaceId, clock, stage, scrub } = options;
  const { providerId, conversation, sender, trusted, authenticatedBy, ticket } = message;
  const eventId = clock.uuid();
  const text = String(storable(scrub(message.text)));
  // Drawn one after the other: what is accepted later stands behind, whoever commits first.
  await lockConversation(tx, { workspaceId, channel, conversation });
  const [kept] = await tx.query<{ inboundId: number }>(
    `insert into kora.inbound (workspace_id, channel, provider_id, conversation, sender_id, sender_name, text, sent_at,
       attachments, authenticated_by, trusted, decides, first, ticket, details, received_event)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12 or ${nothingOpen('$1', '$2', '$4')}, $13, $14, $15)
     on conflict (workspace_id, channel, provider_id) do nothing returning inbound_id as "inboundId"`,
    [
      workspaceId,
      channel,
      providerId,
      conversation,
      sender.id,
      sender.name === undefined ? null : bounded(sender.name, 300),
      text,
      message.sentAt ?? null,
      message.attachments,
      authenticatedBy,
      trusted,
      trusted && (writtenDecision(text) ?? writtenAck(text)) !== undefined,
      ticket === undefined ? null : JSON.stringify(storable(ticket, scrub)),
      JSON.stringify(storable(message.details)),
      eventId,
    ],
  );
  if (kept === undefined) return 'duplicate';
  if (message.attachments.length > 0) await options.attach(tx, message.attachments);
  const said = {
    inbound_id: kept.inboundId,
    channel,
    trusted,
    provider_id: providerId,
    sender: sender.id,
    authenticated_by: authenticatedBy,
  };
  await stage(tx, [{ ...draft(inboundReceived, said), eventId }]);
  tx.afterCommit(options.announce);
  return 'accepted';
}

interface SetAside {
  readonly channel: string;
  readonly providerId: string;
  readonly sender: string | null;
  readonly reason: string;
  readonly sealed: Buffer;
  readonly bytes: number;
}

/** So much that nobody could read is kept of one channel: whoever sends more fills no disk. */
const mostSealed = 1_000;

async function setAside(tx: Transaction, options: DoorOptions, given: SetAside): Promise<void> {
  const { channel, providerId, reason, sealed, bytes } = given;
  const sender = given.sender === null ? null : bounded(given.sender, 300);
  const [room] = await tx.query<{ isKnown: boolean; isFull: boolean }>(
    `select exists (select from kora.inbound where workspace_id = $1 and channel = $2 and provider_id = $3) as "isKnown",
       (select count(*) from (select from kora.inbound where workspace_id = $1 and channel = $2 and state = 'quarantined'
         and raw is not null limit ${mostSealed}) as kept) = ${mostSealed} as "isFull"`,
    [options.workspaceId, channel, providerId],
  );
  if (room?.isKnown === true) return;
  if (room?.isFull === true) return countRefusal(tx, options, { channel, reason: 'quarantine_full', sender });
  const [kept] = await tx.query<{ inboundId: number }>(
    `insert into kora.inbound (workspace_id, channel, provider_id, conversation, sender_id, state, reason, raw)
     values ($1, $2, $3, $3, $4, 'quarantined', $5, $6)
     on conflict (workspace_id, channel, provider_id) do nothing returning inbound_id as "inboundId"`,
    [options.workspaceId, channel, providerId, sender, reason, sealed],
  );
  if (kept === undefined) return;
  const said = { inbound_id: kept.inboundId, channel, reason, bytes, provider_id: providerId, sender };
  await options.stage(tx, [draft(inboundQuarantined, { ...said, error: null })]);
}

/** Throws KORA_INBOUND_UNKNOWN. */
export function unknownInbound(inboundId: number): Error {
  return fault('KORA_INBOUND_UNKNOWN', `there is no message ${inboundId} in quarantine`, {
    fix: 'kora message quarantine list',
  });
}
