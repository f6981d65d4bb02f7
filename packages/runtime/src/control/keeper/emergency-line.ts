import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmergencyRecord } from './contract.ts';

/** One line for each thing told past the doors, and one for each batch that the chain has by now. */
export const emergencyFile = 'emergency.ndjson';

export function appendEmergency(
  home: string,
  line: EmergencyRecord | { readonly recorded: readonly string[] },
): void {
  appendFileSync(join(home, emergencyFile), `${JSON.stringify(line)}\n`, { mode: 0o600 });
}
