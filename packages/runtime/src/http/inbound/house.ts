import type { z } from 'zod';
import type * as shape from './contract.ts';

type Row = z.infer<typeof shape.inboundSchema>;

/** What came in over channels, for the operator. */
export interface InboundHouse {
  readonly inbound: {
    list(query: {
      readonly state?: Row['state'] | undefined;
      readonly channel?: string | undefined;
      readonly limit?: number | undefined;
    }): Promise<Row[]>;
    show(inboundId: number): Promise<z.infer<typeof shape.inboundDetailSchema>>;
    release(inboundId: number, reason: string): Promise<Row>;
    drop(inboundId: number, reason: string): Promise<Row>;
  };
}
