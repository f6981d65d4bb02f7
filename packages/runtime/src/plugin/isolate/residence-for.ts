import type { Residence, ResidenceParts } from '../residence.ts';
import { AskedOnce, isIdentityOnly } from './asked-once.ts';
import { GuestResidence } from './guest-residence.ts';
import type { GuestSettings } from './settings.ts';

/** Where an untrusted plugin lives: in a process that stays, or in one that is there only to be asked. */
export function guestResidence(parts: ResidenceParts, settings: GuestSettings): Residence {
  return isIdentityOnly(parts.row.manifest?.contributes)
    ? new AskedOnce(parts, settings)
    : new GuestResidence(parts, settings);
}
