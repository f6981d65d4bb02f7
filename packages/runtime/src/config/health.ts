import { z } from 'zod';

export const healthSchema = z
  .strictObject({
    /** How often `kora.health.probe` is said when nothing changes. */
    cadenceSeconds: z.number().int().min(1).max(86_400).default(300),
  })
  .prefault({});
