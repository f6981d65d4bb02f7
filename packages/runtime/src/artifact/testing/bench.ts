import { onTestFinished } from 'vitest';
import { Chain, Vocabulary } from '../../chain/index.ts';
import { systemClock } from '../../clock/index.ts';
import { messageEvents } from '../../message/events.ts';
import { Scope } from '../../scope/index.ts';
import type { Database } from '../../store/index.ts';
import { Artifacts, artifactEvents } from '../index.ts';
import type { ArtifactsOptions } from '../index.ts';

export interface ArtifactBench {
  readonly database: Database;
  readonly workspaceId: number;
  readonly artifacts: Artifacts;
  readonly stage: ArtifactsOptions['stage'];
  /** What is staged or sealed of this workspace, oldest first. */
  events(): Promise<{ readonly type: string; readonly payload: Record<string, unknown> }[]>;
}

let benches = 0;

/** Files of a workspace of their own, on a real store. */
export async function artifactBench(
  database: Database,
  options: Partial<ArtifactsOptions> = {},
): Promise<ArtifactBench> {
  const clock = systemClock();
  const workspaceId = 1_000 + (benches += 1);
  const scope = new Scope('artifact bench');
  onTestFinished(() => scope.dispose());
  const owner = { workspaceId, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' };
  const onError = (): void => undefined;
  const chain = new Chain({ database, owner, vocabulary: new Vocabulary(), clock, scope, onError });
  await chain.declare('kora', [...artifactEvents, ...messageEvents]);
  const stage: ArtifactsOptions['stage'] = (tx, drafts) => chain.stage(tx, drafts);
  return {
    database,
    workspaceId,
    stage,
    artifacts: new Artifacts({
      database,
      workspaceId,
      clock,
      stage,
      keepDays: 30,
      totalBytes: 1024 * 1024 * 1024,
      makerBytes: 1024 * 1024 * 1024,
      ...options,
    }),
    events: async () => {
      const rows = await database.query<{ type: string; body: string }>(
        'select type, body from kora.stage where workspace_id = $1 order by number',
        [workspaceId],
      );
      return rows.map(({ type, body }) => ({ type, payload: JSON.parse(body) as Record<string, unknown> }));
    },
  };
}
