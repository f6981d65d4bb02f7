import { probeStripsSchema } from '@kora/runtime/client';
import type { z } from 'zod';
import { clock, duration } from '../../kit/format.ts';
import { lookOf } from '../../kit/mark.tsx';
import { plain } from '../../kit/plain.ts';
import type { StripCell } from '../../kit/strip.tsx';
import { type Detail, useDetail } from '../../store/detail.ts';
import { probeEvents } from '../../store/sources.ts';

export type ProbeStrip = z.infer<typeof probeStripsSchema>[number];

/** The last fifty looks of every probe. Looks are no events: each heartbeat reads them. */
export function useStrips(): Detail<readonly ProbeStrip[]> {
  return useDetail('/api/probe-strips?looks=50', probeStripsSchema, probeEvents, true);
}

/** The cells of a strip: how tall is how slow, beside the slowest of them. */
export function cellsOf({ looks }: ProbeStrip): readonly StripCell[] {
  const slowest = Math.max(0, ...looks.map((look) => look.latencyMs ?? 0));
  return looks.map((look) => {
    const { word, tone } = lookOf('probe', look.status);
    const took = look.latencyMs === null ? '' : ` in ${duration(look.latencyMs)}`;
    const error = look.error === null ? '' : `: ${plain(look.error)}`;
    return {
      key: look.at,
      tone,
      text: `${clock(look.at)} ${word}${took}${error}`,
      // What failed without a time stands out at its full height.
      height: look.latencyMs === null || slowest === 0 ? 1 : Math.max(0.25, look.latencyMs / slowest),
    };
  });
}
