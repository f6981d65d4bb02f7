import type { z } from 'zod';
import type { alertSchema, alertsQuerySchema, alertsSchema } from './contract.ts';

/** The API's questions about alerts. */
export interface AlertHouse {
  /** Active ones first, the worst before the others. */
  alerts(query: z.infer<typeof alertsQuerySchema>): Promise<z.infer<typeof alertsSchema>>;
  /** Throws KORA_ALERT_UNKNOWN. */
  alert(alertId: number): Promise<z.infer<typeof alertSchema>>;
  /** Nobody is reminded any more. Throws KORA_ALERT_UNKNOWN, KORA_ALERT_OVER. */
  acknowledgeAlert(alertId: number, reason: string): Promise<z.infer<typeof alertSchema>>;
  /** Quiet for a while. Throws KORA_ALERT_UNKNOWN, KORA_ALERT_OVER. */
  snoozeAlert(
    alertId: number,
    word: { readonly reason: string; readonly forMs: number },
  ): Promise<z.infer<typeof alertSchema>>;
}
