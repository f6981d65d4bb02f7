import type { Transaction } from '../store/index.ts';
import type { Cooldowns } from './telling.ts';

export interface Desk {
  readonly cooldowns: Cooldowns;
  readonly digestAt: number;
}

/** Takes the desk of the workspace until the transaction ends: runtimes look one after the other. */
export async function takeDesk(tx: Transaction, workspaceId: number, now: number): Promise<Desk> {
  const look = `select cooldowns, digest_at as "digestAt" from kora.alert_desk where workspace_id = $1 for update`;
  const read = async (): Promise<{ cooldowns: Cooldowns; digestAt: Date } | undefined> =>
    (await tx.query<{ cooldowns: Cooldowns; digestAt: Date }>(look, [workspaceId]))[0];
  let row = await read();
  if (row === undefined) {
    // The first digest is that of the first day: what was before it nobody gathered.
    await tx.query(
      `insert into kora.alert_desk (workspace_id, digest_at) values ($1, $2) on conflict (workspace_id) do nothing`,
      [workspaceId, new Date(now)],
    );
    row = await read();
  }
  return row === undefined
    ? { cooldowns: {}, digestAt: now }
    : { cooldowns: row.cooldowns, digestAt: row.digestAt.getTime() };
}

export async function leaveDesk(tx: Transaction, workspaceId: number, desk: Desk): Promise<void> {
  await tx.query(
    `update kora.alert_desk set cooldowns = $2::jsonb, digest_at = $3
     where workspace_id = $1 and (cooldowns, digest_at) is distinct from ($2::jsonb, $3::timestamptz)`,
    [workspaceId, JSON.stringify(desk.cooldowns), new Date(desk.digestAt)],
  );
}
