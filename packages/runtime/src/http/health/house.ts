import type { HealthRollup } from '../shapes.ts';

/** The API's question about health. */
export interface HealthHouse {
  /** Read now; answered also while the store is away. */
  healthRollup(): Promise<HealthRollup>;
}
