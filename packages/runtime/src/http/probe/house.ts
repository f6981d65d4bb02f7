import type { z } from 'zod';
import type * as shape from '../shapes.ts';
import type { newProbeWindowSchema } from './contract.ts';

export type NewProbeWindow = z.infer<typeof newProbeWindowSchema>;

export interface ProbeHistoryRequest {
  readonly sinceMs?: number | undefined;
  readonly points?: number | undefined;
}

/** The API's questions about how probes were, and when nobody is to be told. */
export interface ProbeHouse {
  /** Throws KORA_PROBE_UNKNOWN. */
  probeHistory(name: string, asked: ProbeHistoryRequest): Promise<shape.ProbeHistory>;
  /** Every probe, over so many days of UTC, today among them. */
  probeDays(asked: { readonly days?: number | undefined }): Promise<shape.ProbeDaysRow[]>;
  /** Those that are on or still to come. */
  probeWindows(): Promise<shape.ProbeWindowRow[]>;
  /** Throws KORA_PROBE_UNKNOWN. */
  addProbeWindow(wanted: NewProbeWindow): Promise<shape.ProbeWindowRow>;
  /** Throws KORA_WINDOW_UNKNOWN. */
  endProbeWindow(windowId: number, reason: string): Promise<shape.ProbeWindowRow>;
}
