import { draft } from './chain/index.ts';
import type { Ground } from './ground.ts';
import { scopeSchema } from './http/index.ts';
import type { House } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import {
  deedDone,
  endSessions,
  keepSession,
  noteSeen,
  openSessions,
  sessionOpened,
  sessionRefused,
  sessionRevoked,
} from './session/index.ts';
import { operatorActor } from './workspace/index.ts';

/** Where sessions are kept, and what happens at the doors is told. */
export function sessionAnswers(
  { clock }: Pick<Ground, 'clock'>,
  { database, workspace, chain }: Pick<Rooms, 'database' | 'workspace' | 'chain'>,
): Pick<House, 'sessions'> {
  const { workspaceId } = workspace;
  const by = { actorId: operatorActor };
  return {
    sessions: {
      load: async (homeKey) => {
        const now = new Date(clock.now()).toISOString();
        const rows = await openSessions(database, workspaceId, { homeKey, now });
        // A permission that a newer runtime gave, and this one does not know, is none here.
        return rows.map((row) => ({
          ...row,
          scopes: row.scopes.flatMap((scope) => scopeSchema.safeParse(scope).data ?? []),
        }));
      },
      opened: (session, homeKey) =>
        database.transaction(async (tx) => {
          await keepSession(tx, workspaceId, { ...session, homeKey });
          const { sessionId, device, scopes, expiresAt } = session;
          const payload = { session: sessionId, device, scopes: [...scopes], expires_at: expiresAt };
          await chain.stage(tx, [draft(sessionOpened, payload, by)]);
        }),
      seen: (sessionId, at) => noteSeen(database, workspaceId, { sessionId, at }),
      ended: (ended) =>
        database.transaction(async (tx) => {
          await endSessions(tx, workspaceId, ended);
          const drafts = ended.map(({ sessionId, why, by: asker, reason }) =>
            draft(sessionRevoked, { session: sessionId, why, by: asker, reason }, by),
          );
          await chain.stage(tx, drafts);
        }),
      refused: async (cause, count) => void (await chain.append([draft(sessionRefused, { cause, count })])),
      deed: async ({ idempotencyKey, ...record }) =>
        void (await chain.append([draft(deedDone, { ...record, idempotency_key: idempotencyKey }, by)])),
    },
  };
}
