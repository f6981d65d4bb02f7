import type { Capability } from './matrix.ts';

/** A message to the operator, as the outbox takes it. */
export interface Question {
  readonly key: string;
  readonly thread: string;
  readonly severity: 'warning';
  readonly title: string;
  readonly body: string;
  readonly source: string;
  /** What it waits for. */
  readonly asks: { readonly approvalId: number; readonly caller: string; readonly expiresAt: string };
}

interface Asked {
  readonly approvalId: number;
  readonly caller: string;
  readonly what: string;
  readonly reason?: string | undefined;
  readonly expiresAt: string;
  readonly claim?: { readonly ticketId: number } | undefined;
}

/** What the operator reads, at three in the morning: who wants what, and the two commands that answer. */
export function questionOf({ id, title, risk }: Capability, asked: Asked): Question {
  const { approvalId, caller, what, reason, expiresAt, claim } = asked;
  const body = [
    `${caller} asks for ${what}, once, which needs ${id} (${title}; ${risk} risk).`,
    ...(claim === undefined ? [] : [`It works on ticket ${claim.ticketId}.`]),
    ...(reason === undefined ? [] : [`It says: ${JSON.stringify(reason)}`]),
    '',
    `allow this one call:  kora approve ${approvalId} --reason '...'`,
    `refuse it:            kora deny ${approvalId} --reason '...'`,
    '',
    `Unanswered, it is refused at ${expiresAt}.`,
  ];
  return {
    key: `approval:${approvalId}`,
    thread: `approval:${approvalId}`,
    severity: 'warning',
    title: `approval ${approvalId}: may ${caller} use ${what}?`,
    body: body.join('\n'),
    source: 'approval',
    asks: { approvalId, caller, expiresAt },
  };
}
