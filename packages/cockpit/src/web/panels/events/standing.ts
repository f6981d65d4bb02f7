import { chainStandingSchema } from '@kora/runtime/client';
import type { z } from 'zod';
import { type Detail, useDetail } from '../../store/detail.ts';

const chainEvents: readonly string[] = ['kora.chain.'];

/** What the runtime knows of its chain. Verifying goes on without events: each heartbeat reads it. */
export function useStanding(): Detail<z.infer<typeof chainStandingSchema>> {
  return useDetail('/api/chain/standing', chainStandingSchema, chainEvents, true);
}
