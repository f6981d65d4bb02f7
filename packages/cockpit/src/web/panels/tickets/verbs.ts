import type { TicketRow } from '@kora/runtime/client';

/** What an operator does to tickets, each on its own and many at once. */
export const bulkVerbs = ['retry', 'unblock', 'release', 'reprioritise', 'reassign', 'cancel'] as const;
export type BulkVerb = (typeof bulkVerbs)[number];

export interface VerbSpec {
  readonly label: string;
  /** What comes of it, before it is done. */
  readonly effect: string;
}

export const verbSpecs: Readonly<Record<BulkVerb | 'note', VerbSpec>> = {
  retry: {
    label: 'Retry',
    effect:
      'It may be claimed again at once, and nothing counts against it. Its next claim has a higher fence.',
  },
  unblock: {
    label: 'Unblock',
    effect:
      'It may be claimed again, whatever it waits for. Its failures still count, its attempts begin anew.',
  },
  release: {
    label: 'Release claim',
    effect:
      'It is taken back from its holder and may be claimed again at once; the attempt does not count. What the holder writes later is refused.',
  },
  reprioritise: {
    label: 'Reprioritise',
    effect: 'Others come before it, or it before them. What it has waited still counts.',
  },
  cancel: {
    label: 'Cancel',
    effect:
      'It ends where it is. What its holder writes later is refused; tickets that wait for it wait for the operator from now on.',
  },
  reassign: {
    label: 'Reassign',
    effect: 'It becomes the work of another. One that was for the operator may be claimed again.',
  },
  note: { label: 'Note', effect: 'A line on its timeline. Nothing follows from it.' },
};

const held: readonly string[] = ['claimed', 'in_progress'];
const ended: readonly string[] = ['completed', 'failed_terminal', 'cancelled'];
const parked: readonly string[] = ['waiting', 'deferred_cost_limit', 'blocked_needs_operator'];

/** Whether the verb finds something to do on a ticket as it was seen last. The runtime has the last word. */
export function mayDo(verb: BulkVerb, { status }: Pick<TicketRow, 'status'>): boolean {
  switch (verb) {
    case 'retry':
      return !held.includes(status) && status !== 'assigned' && status !== 'completed';
    case 'unblock':
      return parked.includes(status);
    case 'release':
      return held.includes(status);
    case 'cancel':
    case 'reprioritise':
      return !ended.includes(status);
    case 'reassign':
      return !held.includes(status) && !ended.includes(status);
  }
}

/** `0:42`, `12:05`: what is left of a lease; null when it is over. */
export function leaseLeft(deadline: string, now: number): string | null {
  const seconds = Math.floor((Date.parse(deadline) - now) / 1_000);
  if (seconds < 0) return null;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Why a ticket is where it is, as one phrase to group by. */
export function reasonOf({ notRunnableReason, statusReason, status }: TicketRow): string {
  return notRunnableReason ?? statusReason ?? status.replaceAll('_', ' ');
}
