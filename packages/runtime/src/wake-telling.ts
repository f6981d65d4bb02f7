import type { AlertOfWake } from './alert/index.ts';
import type { House } from './http/index.ts';
import type { ToldMessage } from './message/index.ts';
import type { IncidentRecord } from './probe/index.ts';

type Told = Awaited<ReturnType<House['page']['wake']>>['told'];

/** What raised a wake; neither is known any more of one that is old enough. */
export interface Raised {
  readonly incident: IncidentRecord | undefined;
  readonly alert: AlertOfWake | undefined;
}

/** Whether a message tells of it: in its thread, or together with others that were told at the same time. */
export function isAbout({ thread, key }: Pick<ToldMessage, 'thread' | 'key'>, of: Raised): boolean {
  if (of.incident !== undefined) return thread === `incident:${of.incident.incidentId}`;
  return of.alert !== undefined && (of.alert.thread === thread || of.alert.keys.includes(key));
}

export interface Telling extends Raised {
  /** The message that told of it first. */
  readonly first: ToldMessage | undefined;
  /** Numbers of messages that went to another channel than their first. */
  readonly moved: ReadonlySet<unknown>;
}

/** Who was told of a wake, who was not and why, and when nobody was to be. Null where nothing is known any more. */
export function tellingOf(telling: Telling): Told {
  const { first, moved, incident, alert } = telling;
  if (first !== undefined) return sentOf(first, moved.has(first.messageId));
  const untold = (status: 'held' | 'not_owed' | 'not_told', why: string): Told => ({
    messageId: null,
    channel: null,
    status,
    why,
  });
  const rule = alert?.owed === undefined || alert.owed === null ? undefined : owedWords[alert.owed];
  if (rule !== undefined) return untold('held', rule);
  if (alert?.owed === 'now')
    return { messageId: null, channel: null, status: 'pending', why: 'it is about to be told' };
  const known = knownBefore(telling);
  if (known !== null) return untold('not_owed', known);
  // A message was made and is kept no longer, or what raised it is over and forgotten.
  const toldAt = incident === undefined ? alert?.toldAt : incident.toldAt;
  if (toldAt !== null) return null;
  return untold('not_told', 'no message about it is known');
}

function sentOf({ messageId, channel, receiptAt, error, attempts }: ToldMessage, isElsewhere: boolean): Told {
  if (receiptAt !== null)
    return {
      messageId,
      channel,
      status: isElsewhere ? 'fallback' : 'delivered',
      why: isElsewhere ? (error ?? 'the first channel did not take it') : null,
    };
  const refused = attempts > 0 && error !== null;
  return { messageId, channel, status: refused ? 'failed' : 'pending', why: error };
}

const owedWords: Readonly<Record<string, string>> = {
  cooldown: 'its category was told of lately: it is told when that cools',
  digest: 'it goes into the next digest',
  quiet: 'it waits for the end of the quiet hours',
};

/** Why there was nobody to tell: somebody said before that they know, or that they want to hear nothing. */
function knownBefore({ incident, alert }: Raised): string | null {
  if (incident !== undefined)
    return incident.silencedUntil === null
      ? null
      : `it is silenced: ${incident.silenceReason ?? 'no reason was given'}`;
  if (alert === undefined || alert.toldAt !== null) return null;
  if (alert.acknowledgedBy !== null)
    return `${alert.acknowledgedBy} knew of it: ${alert.acknowledgeReason ?? 'no reason was given'}`;
  return alert.snoozedUntil === null ? null : `it is snoozed: ${alert.snoozeReason ?? 'no reason was given'}`;
}
