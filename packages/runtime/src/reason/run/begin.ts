import { messageOf } from '../../fault/index.ts';
import type { ResolvedIdentity } from '../../identity/index.ts';
import type { Transaction } from '../../store/index.ts';
import type { EngineRequest } from '../contract.ts';
import { addTurn, openConversation } from '../conversation/rows.ts';
import type { ConversationOpened } from '../conversation/rows.ts';
import { addEvidence } from '../evidence/rows.ts';
import type { Asker, ReasonPorts } from '../ports.ts';
import type { NoLeave } from './gate.ts';
import { LiveRun } from './live-run.ts';
import { isUntrusted } from './question.ts';
import type { Gathered, Leave, Question } from './question.ts';
import { insertRun } from './rows.ts';
import type { RunBegun } from './rows.ts';

export interface GatherOptions {
  readonly identity: () => Promise<ResolvedIdentity>;
  readonly ports: ReasonPorts;
  readonly onError: (where: string, error: unknown) => void;
}

/** What an engine is handed; or why it cannot be asked, when nobody can say who speaks. */
export async function gather(
  question: Question,
  leave: Leave,
  { identity, ports, onError }: GatherOptions,
): Promise<Gathered | NoLeave> {
  const { wish, by } = question;
  const { tools, snapshot } = ports;
  const asker = { route: wish.route, caller: callerOf(by, leave), untrusted: isUntrusted(question, leave) };
  const without = (where: string, error: unknown): undefined => {
    onError(where, error);
    return undefined;
  };
  const [who, views, standing] = await Promise.all([
    identity().catch((error: unknown) => ({ why: messageOf(error) })),
    tools.advertised(asker).catch((error: unknown) => without('tools', error)),
    snapshot().catch((error: unknown) => without('snapshot', error)),
  ]);
  if ('why' in who) return { error: 'engine_unavailable', why: who.why, rung: leave.rung };
  return { identity: who, tools: views ?? [], snapshot: standing ?? null };
}

export function liveRunOf(question: Question, leave: Leave, { identity, tools }: Gathered): LiveRun {
  const { runId, wish, by, limits, payer } = question;
  const run = new LiveRun({
    runId,
    route: wish.route,
    caller: callerOf(by, leave),
    ticket: wish.ticket ?? null,
    tools,
    untrusted: isUntrusted(question, leave),
    identityHash: identity.hash,
    key: wish.key ?? null,
    payer,
    engine: leave.engine,
    limits,
    highestTier: leave.highestTier,
    critical: leave.critical,
  });
  for (const { evidenceId } of wish.quoted ?? []) if (evidenceId !== undefined) run.read.add(evidenceId);
  return run;
}

/** An untrusted plugin's question gets no more tools than the plugin itself may use. */
function callerOf(by: Asker, { engine }: Leave): string {
  return by.trusted ? engine.owner : by.id;
}

/** The row of a run, and the question in its conversation; undefined when another run has the key. */
export async function beginRun(
  tx: Transaction,
  { workspaceId, runtimeId }: { readonly workspaceId: number; readonly runtimeId: string },
  question: Question,
  engine: Pick<RunBegun, 'rung' | 'engine' | 'advertised' | 'untrusted'> & {
    readonly inputs: (turns: EngineRequest['turns']) => string | null;
  },
): Promise<{ readonly conversation: ConversationOpened | undefined } | undefined> {
  const { runId, wish, by, limits, wake } = question;
  const { conversation: named } = wish;
  const conversation = named === undefined ? undefined : await openConversation(tx, workspaceId, named);
  const conversationId = conversation?.conversationId ?? null;
  const isOurs = await insertRun(tx, workspaceId, {
    runId,
    runtimeId,
    route: wish.route,
    asker: by.id,
    key: wish.key ?? null,
    conversationId,
    ticket: wish.ticket ?? null,
    wake,
    causationId: wish.causationId ?? null,
    question: wish.text,
    deadlineMs: limits.deadlineMs,
    rung: engine.rung,
    engine: engine.engine,
    inputs: engine.inputs(conversation?.history ?? []),
    words: wish.words ?? null,
    advertised: engine.advertised,
    untrusted: engine.untrusted,
  });
  if (!isOurs) return undefined;
  if (conversationId !== null)
    await addTurn(tx, workspaceId, { conversationId, direction: 'inbound', text: wish.text, runId });
  const quoted = (wish.quoted ?? []).flatMap(({ source, evidenceId }) =>
    evidenceId === undefined ? [] : [{ id: evidenceId, what: `quoted: ${source}` }],
  );
  await addEvidence(tx, workspaceId, runId, quoted);
  return { conversation };
}
