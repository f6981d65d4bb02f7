import type { Snapshot } from '@kora/runtime/client';
import { before, boardRow } from './rows.ts';

/** The staged tickets: one of each kind of trouble. */

export function tickets(): Snapshot['tickets'] {
  const holdTitle = 'Rotate the certificate of the staging mirror before it ends on Friday';
  return {
    in_progress: [
      boardRow({
        ticketId: 41,
        title: 'Why is shop unreachable?',
        kind: 'probe_investigation',
        status: 'in_progress',
        bucket: 'in_progress',
        priority: 'high',
        critical: true,
        claimedAt: before(238),
        attempts: 1,
        fence: 1,
        correlationId: 'wake-12',
      }),
      boardRow({
        ticketId: 43,
        title: 'Summarise last night’s backups',
        kind: 'scheduled_report',
        status: 'claimed',
        bucket: 'in_progress',
        claimedAt: before(12),
        attempts: 2,
        fence: 2,
      }),
    ],
    queued: [
      boardRow({
        ticketId: 44,
        title: holdTitle,
        kind: 'certificate',
        notRunnableReason: 'no handler for certificate',
        createdAt: before(5_400),
      }),
      boardRow({
        ticketId: 45,
        title: 'Compare the two disk probes',
        status: 'failed_retryable',
        attempts: 2,
        failures: 1,
        nextEligibleAt: before(-48),
        createdAt: before(900),
      }),
      boardRow({
        ticketId: 46,
        title: 'Answer the question about memory',
        origin: 'mail',
        trusted: false,
        priority: 'low',
        createdAt: before(60),
      }),
    ],
    deferred: [],
    failed_or_blocked: [
      boardRow({
        ticketId: 38,
        title: 'Renew the registry token',
        status: 'blocked_needs_operator',
        bucket: 'failed_or_blocked',
        statusReason: 'The token’s owner must confirm the new scope.',
        createdAt: before(9_800),
        claimedAt: before(9_700),
        attempts: 1,
      }),
      boardRow({
        ticketId: 33,
        title: 'Clean the old artefacts',
        status: 'failed_terminal',
        bucket: 'failed_or_blocked',
        failures: 3,
        attempts: 3,
        resolvedAt: before(86_400),
        summary: 'Three attempts, each refused by the file system.',
      }),
    ],
    recently_resolved: [
      boardRow({
        ticketId: 40,
        title: 'Why does the mirror answer slowly?',
        kind: 'probe_investigation',
        status: 'completed',
        bucket: 'recently_resolved',
        resolvedAt: before(420),
        summary: 'The mirror answers again.',
      }),
      boardRow({
        ticketId: 39,
        title: 'Look at memory',
        status: 'cancelled',
        bucket: 'recently_resolved',
        resolvedAt: before(3_900),
      }),
      boardRow({
        ticketId: 37,
        title: 'Why is disk degraded?',
        kind: 'probe_investigation',
        status: 'completed',
        bucket: 'recently_resolved',
        resolvedAt: before(18_000),
      }),
    ],
    counts: {
      queued: 3,
      in_progress: 2,
      deferred: 0,
      failed_or_blocked: 2,
      open: 6,
      failed_last_7_days: 1,
    },
  };
}
