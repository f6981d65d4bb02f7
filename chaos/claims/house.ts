import type pg from 'pg';
import { Chain, Vocabulary } from '../../packages/runtime/src/chain/index.ts';
import type { ChainOwner } from '../../packages/runtime/src/chain/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import { openPool } from '../../packages/runtime/src/store/index.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';
import { ticketEvents } from '../../packages/runtime/src/ticket/index.ts';
import type { AddContext, OperateContext, ResolveContext } from '../../packages/runtime/src/ticket/index.ts';
import { ensureWorkspace } from '../../packages/runtime/src/workspace/index.ts';

/** A workspace of its own, and what the shipped statements are handed in it. */
export interface House extends AddContext, OperateContext {
  readonly owner: ChainOwner;
  contextOf(sessionId: string): ResolveContext;
}

export const clock = systemClock();

export async function openHouse(database: Database): Promise<House> {
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, `w${clock.uuid()}`));
  const owner = { workspaceId, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' };
  const scope = new Scope('claims');
  const onError = (_: string, error: unknown): never => {
    throw error;
  };
  // Not started: what is staged stays where the laws count it.
  const chain = new Chain({ database, owner, vocabulary: new Vocabulary(), clock, scope, onError });
  await chain.declare('kora', ticketEvents);
  return {
    workspaceId,
    owner,
    stage: chain.stage.bind(chain),
    prepare: chain.prepare.bind(chain),
    staged: () => undefined,
    contextOf: (sessionId) => ({
      ...owner,
      sessionId,
      prepare: chain.prepare.bind(chain),
      staged: () => undefined,
      random: () => 0.5,
      uuid: () => clock.uuid(),
    }),
  };
}

/** Connections to a store that nobody else uses, and that nobody will miss: no commit waits for the disk. */
export function openScratch(connection: pg.ClientConfig): Database {
  return openPool({
    connection: { ...connection, options: '-c synchronous_commit=off' },
    server: { kind: 'url', description: 'the store of the check' },
    clock,
    onIdleError: () => undefined,
  });
}
