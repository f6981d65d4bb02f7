import { z } from 'zod';

// What a guest says of its daemons, bounded as everything that comes from there. See arrivals.ts.

const life = z.number().int().nonnegative();
const cut = (most: number) => z.string().transform((given) => given.slice(0, most));

export const daemonBeat: z.ZodType<{ life: number }> = z.object({ life });

export const daemonDeath: z.ZodType<{
  life: number;
  error: { code: string; message: string; stack?: string };
}> = z.object({
  life,
  error: z.object({ code: cut(200), message: cut(4_000), stack: z.exactOptional(cut(16_000)) }),
});
