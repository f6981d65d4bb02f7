import { fault } from '../../fault/index.ts';

/** Where each seal of a workspace is told to whoever listens, in any runtime. */
export function channelOf(workspaceId: number): string {
  return `kora_sealed_${workspaceId}`;
}

/** What is said when nobody seals: an error, for what asked to keep pace. */
export function staleStage(cause: unknown): Error {
  return fault(
    'KORA_SEAL_STALE',
    'events have been staged for more than five seconds and are not on the chain',
    {
      fix: 'kora doctor',
      cause,
    },
  );
}
