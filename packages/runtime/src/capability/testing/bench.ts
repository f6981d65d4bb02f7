import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { Chain, Vocabulary } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { FakeClock } from '../../clock/fake.ts';
import { systemClock } from '../../clock/index.ts';
import { acceptMessage, messageEvents } from '../../message/index.ts';
import { Scope } from '../../scope/index.ts';
import { openPool } from '../../store/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import { Capabilities } from '../capabilities.ts';
import type { CapabilitiesOptions, CapabilityRequest } from '../capabilities.ts';
import { capabilityEvents } from '../events.ts';

/** One runtime's capabilities in a workspace, over real tables, with its own clock. */
export interface Runtime {
  readonly capabilities: Capabilities;
  readonly clock: FakeClock;
  readonly errors: unknown[];
}

export interface CapabilityBench {
  readonly database: Database;
  readonly workspaceId: number;
  /** One more runtime of the workspace, on this database or another way to it. */
  runtime(options?: Partial<CapabilitiesOptions>): Runtime;
  /** Types of the staged events, in order. */
  staged(): Promise<string[]>;
  bodies(type: string): Promise<Record<string, unknown>[]>;
  messages(): Promise<{ readonly title: string; readonly body: string }[]>;
  /** The time of an approval is over, as the database sees it. */
  passTime(approvalId: number): Promise<void>;
}

let workspaces = 0;

export async function capabilityBench(given?: Database): Promise<CapabilityBench> {
  const database = given ?? (await testDatabase()).database;
  const ids = systemClock();
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, `bench-${workspaces++}`));
  const owner = { workspaceId, runtimeId: ids.uuid(), sessionId: ids.uuid(), actorId: 'kora' };
  const scope = new Scope('bench');
  onTestFinished(() => scope.dispose());
  const onError = (): void => undefined;
  const chain = new Chain({ database, owner, vocabulary: new Vocabulary(), clock: ids, scope, onError });
  await chain.declare('kora', [...capabilityEvents, ...messageEvents]);
  const stage = (tx: Transaction, drafts: readonly EventDraft[]): Promise<void> => chain.stage(tx, drafts);
  return {
    database,
    workspaceId,
    runtime: (options = {}) => {
      const clock = new FakeClock();
      const errors: unknown[] = [];
      const capabilities = new Capabilities({
        database,
        workspaceId,
        clock,
        stage,
        record: (drafts) => database.transaction((tx) => stage(tx, drafts)),
        ask: async (tx, question) => void (await acceptMessage(tx, { workspaceId, stage }, question)),
        onError: (_, error) => void errors.push(error),
        ...options,
      });
      return { capabilities, clock, errors };
    },
    staged: async () => {
      const rows = await database.query<{ type: string }>(
        `select type from kora.stage where workspace_id = $1 and type !~ '^notification' order by number`,
        [workspaceId],
      );
      return rows.map(({ type }) => type);
    },
    bodies: async (type) => {
      const rows = await database.query<{ body: string }>(
        'select body from kora.stage where workspace_id = $1 and type = $2 order by number',
        [workspaceId, type],
      );
      return rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    },
    messages: () =>
      database.query('select title, body from kora.message where workspace_id = $1 order by message_id', [
        workspaceId,
      ]),
    passTime: (approvalId) =>
      database.transaction(async (tx) => {
        await tx.query('alter table kora.approval disable trigger guard');
        await tx.query(
          `update kora.approval set expires_at = clock_timestamp() where workspace_id = $1 and approval_id = $2`,
          [workspaceId, approvalId],
        );
        await tx.query('alter table kora.approval enable trigger guard');
      }),
  };
}

/** Another way to the same tables, as a second process would have it. */
export function secondPool({ connection }: TestDatabase): Database {
  const database = openPool({
    connection,
    server: { kind: 'url', description: 'second runtime' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  onTestFinished(() => database.close());
  return database;
}

export const operator = { by: 'operator', reason: 'because' };

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function call(over: Partial<CapabilityRequest> = {}): CapabilityRequest {
  return {
    caller: 'slack',
    capability: 'cap_web_fetch',
    what: 'tool:web_search',
    callId: 'call-1',
    argumentsHash: hashOf('one'),
    ...over,
  };
}
