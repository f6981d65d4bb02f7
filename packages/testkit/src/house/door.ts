import { fault } from '@kora/runtime/testkit';
import type { DecisionAnswer, InboundDoor, NewInbound, RefusedInbound } from '@kora/runtime/plugin';

/** What a channel handed to its door. */
export interface TestDoor {
  /** What `listen` is given. */
  readonly door: InboundDoor;
  /** In the order in which they came; a message that came again is not among them. */
  readonly accepted: readonly NewInbound[];
  /** The provider's ids of what came again. */
  readonly duplicates: readonly string[];
  readonly refused: readonly RefusedInbound[];
  readonly quarantined: readonly QuarantinedInbound[];
  readonly decided: readonly DecisionAnswer[];
  /** Receipts of what came back; each of them counts as told before. */
  readonly returned: readonly ReturnedMessage[];
}

export type ReturnedMessage = Parameters<InboundDoor['returned']>[0];

export type QuarantinedInbound = Parameters<InboundDoor['quarantine']>[0];

export interface TestDoorOptions {
  /** What became of a decision. Default: approved or denied as was pressed, and each code once. */
  readonly decide?: (answer: DecisionAnswer) => { readonly status: string; readonly text: string };
  /** Throws where the store is to be away: nothing is kept, and the provider must not be told. */
  readonly before?: (what: keyof InboundDoor) => void | Promise<void>;
}

const longestText = 100_000;
const largestRaw = 1_048_576;
const mostDetails = 16 * 1_024;

/** A door that keeps what a channel hands in, for tests of its `listen`; it refuses what the real one refuses. */
export function doorOf({ decide, before }: TestDoorOptions = {}): TestDoor {
  const accepted: NewInbound[] = [];
  const duplicates: string[] = [];
  const refused: RefusedInbound[] = [];
  const quarantined: QuarantinedInbound[] = [];
  const decided: DecisionAnswer[] = [];
  const returned: ReturnedMessage[] = [];
  const seen = new Set<string>();
  const codes = new Set<string>();
  const door: InboundDoor = {
    accept: async (message) => {
      checkMessage(message);
      await before?.('accept');
      if (seen.has(message.providerId)) {
        duplicates.push(message.providerId);
        return 'duplicate';
      }
      seen.add(message.providerId);
      accepted.push(message);
      return 'accepted';
    },
    refuse: async (refusal) => {
      checkReason(refusal.reason);
      await before?.('refuse');
      refused.push(refusal);
    },
    quarantine: async (message) => {
      checkReason(message.reason);
      checkId('providerId', message.providerId);
      if (message.raw.byteLength > largestRaw) throw wrong('raw: more than 1 MiB');
      await before?.('quarantine');
      if (seen.has(message.providerId)) return;
      seen.add(message.providerId);
      quarantined.push(message);
    },
    decide: async (answer) => {
      await before?.('decide');
      decided.push(answer);
      if (decide !== undefined) return decide(answer);
      if (codes.has(answer.code)) return { status: 'answered_before', text: 'answered before' };
      codes.add(answer.code);
      const status = answer.verdict === 'approve' ? 'approved' : 'denied';
      return { status, text: status };
    },
    returned: async (report) => {
      await before?.('returned');
      returned.push(report);
      return 'rerouted';
    },
  };
  return { door, accepted, duplicates, refused, quarantined, decided, returned };
}

function checkMessage({
  providerId,
  conversation,
  sender,
  text,
  authenticatedBy,
  details,
}: NewInbound): void {
  checkId('providerId', providerId);
  checkId('conversation', conversation);
  checkId('sender.id', sender.id);
  checkReason(authenticatedBy);
  if (text.length > longestText) throw wrong(`text: ${text.length} characters; at most ${longestText}`);
  const size = Buffer.byteLength(JSON.stringify(details ?? {}));
  if (size > mostDetails) throw wrong(`details: ${size} bytes; at most ${mostDetails}`);
}

function checkId(what: string, id: string): void {
  if (id.length === 0 || id.length > 300 || id.includes('\u0000') || !id.isWellFormed())
    throw wrong(`${what}: 1 to 300 characters that can be stored`);
}

function checkReason(reason: string): void {
  if (!/^[a-z][a-z0-9_]*$/.test(reason))
    throw wrong(`"${reason}" is not a word of small letters, digits and _`);
}

function wrong(what: string): Error {
  return fault('KORA_REQUEST_INVALID', `inbound message: ${what}`);
}
