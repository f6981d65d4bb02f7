import { z } from 'zod';

// What a guest says of its panels, bounded as everything that comes from there. See arrivals.ts.

const name = z.string().min(1).max(200);
const line = z.string().max(500);

export interface PanelArrival {
  /** Under which its functions are called back. */
  readonly handle: number;
  readonly id: string;
  readonly title: string;
  readonly everyMs?: number;
  readonly actions: readonly {
    readonly id: string;
    readonly title: string;
    readonly purpose?: 'observe' | 'act';
    readonly needs?: 'operate' | 'approve';
    readonly confirm?: string;
  }[];
}

export const panel: z.ZodType<PanelArrival> = z.object({
  handle: z.number().int().nonnegative(),
  id: name,
  title: line,
  everyMs: z.exactOptional(z.number().positive()),
  actions: z
    .array(
      z.object({
        id: name,
        title: line,
        purpose: z.exactOptional(z.enum(['observe', 'act'])),
        needs: z.exactOptional(z.enum(['operate', 'approve'])),
        confirm: z.exactOptional(line),
      }),
    )
    .max(50),
});
