import { finding } from './log-findings.ts';
import type { shape } from './http/index.ts';
import { countQuarantined } from './message/index.ts';
import type { Rooms } from './rooms.ts';

/** Channels that hear nothing: who writes there waits for an answer that does not come. */
export function listenerFindings({ inbound }: Pick<Rooms, 'inbound'>): shape.Finding[] {
  return inbound.standing().flatMap(({ channel, state, since, failures, error }) => {
    if (state !== 'down') return [];
    const at = new Date(since).toISOString();
    const message = `channel ${channel} has heard nothing since ${at}, after ${failures} tries: ${error ?? 'unknown'}`;
    return [finding(`channel.${channel}.deaf`, 'error', message, { hint: `kora channel check ${channel}` })];
  });
}

/** What came in and waits for nobody but the operator. */
export async function quarantineFindings({
  database,
  workspace,
}: Pick<Rooms, 'database' | 'workspace'>): Promise<shape.Finding[]> {
  const kept = await countQuarantined(database, workspace.workspaceId);
  return kept.map(({ channel, messages }) => {
    const what = messages === 1 ? 'a message' : `${messages} messages`;
    const text = `${what} over ${channel} could not be read or handled`;
    return finding(`channel.${channel}.quarantine`, 'warning', text, {
      hint: `kora message quarantine list --channel ${channel}`,
    });
  });
}
