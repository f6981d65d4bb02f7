import type { ResidenceParts } from '../residence.ts';
import { Meter } from '../usage.ts';

/** What a guest uses, in processes of its own: its time is not this process's. Its first good work proves it. */
export function guestMeter({ clock, row, resident }: ResidenceParts): Meter {
  return new Meter(clock, row.id, { shares: false, proved: () => resident.ticked() });
}
