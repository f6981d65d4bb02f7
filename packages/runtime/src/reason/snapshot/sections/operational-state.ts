import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';

export interface StateFacts {
  readonly primaryState: string;
  readonly claimPermission: string;
  readonly since: string;
  readonly degradationReasons: readonly string[];
  /** 0 to 5. */
  readonly stopLevel: number;
  /** In force now. */
  readonly holds: readonly { readonly cause: string; readonly reason: string }[];
}

const schema = z.object({
  primary: z.string(),
  claim_permission: z.string(),
  since: z.string(),
  paused: z.boolean(),
  stop_level: z.number(),
  holds: z.number(),
  /** Null while it is not paused. */
  pause_reason: z.string().nullable(),
  degradation: z.string(),
  summary: z.string(),
});

/** May it work, and if not, why. */
export function operationalState(read: () => StateFacts): SnapshotSection {
  return {
    name: 'operational_state',
    schema,
    read: () => {
      const facts = read();
      const why = pauseReason(facts);
      const degraded = facts.degradationReasons.join(', ');
      return {
        primary: facts.primaryState,
        claim_permission: facts.claimPermission,
        since: facts.since,
        paused: facts.primaryState === 'paused',
        stop_level: facts.stopLevel,
        holds: facts.holds.length,
        pause_reason: why,
        degradation: degraded === '' ? 'none' : degraded,
        summary: [
          why === null ? facts.primaryState : `${facts.primaryState} (${why})`,
          ...(degraded === '' ? [] : [`degraded by ${degraded}`]),
        ].join(', '),
      } satisfies z.infer<typeof schema>;
    },
  };
}

function pauseReason({ primaryState, stopLevel, holds }: StateFacts): string | null {
  if (primaryState !== 'paused') return null;
  const stop = stopLevel > 0 ? [`stop L${stopLevel}`] : [];
  const held = holds.map(({ cause, reason }) => `${cause}: ${reason}`);
  return [...stop, ...held].join('; ') || null;
}
