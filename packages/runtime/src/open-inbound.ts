import { acknowledgeByReply } from './alert-decisions.ts';
import type { Ground } from './ground.ts';
import { openQuarantineKey } from './home/index.ts';
import { Inbound } from './message/index.ts';
import type { Asked, Decisions, InboundPorts, Question, Standing } from './message/index.ts';
import { channelOrder } from './open-messages.ts';
import type { Reason, ReasonAnswer, ReasonError, ReasonRoute } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import type { StateInputs } from './state/index.ts';
import type { Transaction } from './store/index.ts';
import { addTicket, findTicket, noteTicket, unblockTicket } from './ticket/index.ts';

type Around = Pick<
  Rooms,
  'database' | 'workspace' | 'chain' | 'holder' | 'artifacts' | 'apply' | 'worker' | 'vocabulary' | 'delivery'
> & { readonly reason: () => Pick<Reason, 'ask'>; readonly decisions: Pick<Decisions, 'decide'> };

/** What comes in over channels, with what becomes of it in the rooms beside. */
export async function openInbound(ground: Ground, around: Around): Promise<Inbound> {
  const { clock, home, configuration, onError } = ground;
  const { database, workspace, chain, holder, artifacts, apply, vocabulary, delivery } = around;
  const { concurrency, untrusted } = configuration.config.inbound;
  const { workspaceId } = workspace;
  return new Inbound({
    database,
    workspaceId,
    runtimeId: home.runtimeId,
    clock,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    record: async (drafts) => void (await chain.append(drafts)),
    attach: (tx, artifactIds) => artifacts.attach(tx, artifactIds),
    scrub: (text) => vocabulary.text(text),
    key: await openQuarantineKey(home.directory),
    concurrency,
    untrusted,
    elsewhere: (channel) => channelOrder(ground, delivery)().filter((name) => name !== channel),
    ports: {
      standing: () => standingOf(holder.inputs),
      tell: (tx, message) => apply(tx, { messages: [message] }),
      decide: (answer) => around.decisions.decide(answer),
      acknowledge: acknowledgeByReply(ground, around),
      ask: async (question, signal) => askedOf(await put(around.reason(), question, signal)),
      ...ticketPorts(ground, around),
    },
    onError,
  });
}

/** Before a boot has passed and while everything stops, nothing is handled and nothing is said of it. */
function standingOf({ boot, killed, stopLevel, holds }: StateInputs): Standing {
  if (boot !== 'passed' || killed || stopLevel >= 3) return 'silent';
  return holds.length > 0 || stopLevel > 0 ? 'paused' : 'open';
}

function ticketPorts(
  { home }: Ground,
  { workspace, chain, worker }: Around,
): Pick<InboundPorts, 'addTicket' | 'answerTicket'> {
  const { workspaceId } = workspace;
  const context = { workspaceId, stage: chain.stage.bind(chain) };
  const waits = async (tx: Transaction, tickets: readonly number[]): Promise<number | undefined> => {
    for (const ticketId of tickets) {
      const ticket = await findTicket(tx, workspaceId, ticketId);
      if (ticket?.status === 'blocked_needs_operator') return ticketId;
    }
    return undefined;
  };
  return {
    addTicket: async (tx, ticket) => {
      const { ticketId } = await addTicket(tx, chain, ticket);
      tx.afterCommit(() => worker.announce());
      return { ticketId };
    },
    answerTicket: async (tx, { tickets, text }) => {
      const ticketId = await waits(tx, tickets);
      if (ticketId === undefined) return undefined;
      const said = { ticketId, reason: `the operator answered: ${text}`, runtimeId: home.runtimeId };
      await noteTicket(tx, context, said);
      await unblockTicket(tx, context, { ...said, reason: 'the operator answered over a channel' });
      tx.afterCommit(() => worker.announce());
      return { ticketId };
    },
  };
}

const operator = { id: 'operator', trusted: true } as const;
const routes: Readonly<Record<string, ReasonRoute>> = { slack: 'slack_dm', email: 'email_inbound' };

function put(
  reason: Pick<Reason, 'ask'>,
  { text, words, key, channel, thread, wake, causationId }: Question,
  signal: AbortSignal,
): Promise<ReasonAnswer> {
  const request = {
    route: routes[channel] ?? 'unknown',
    text,
    key,
    conversation: { channel, thread },
    wake,
    ...(words === undefined ? {} : { words }),
    ...(causationId === undefined ? {} : { causationId }),
  };
  return reason.ask(request, operator, signal);
}

/** What does not get better by asking again, in words for whoever asked. */
const plainly: Partial<Record<ReasonError, string>> = {
  unconfigured:
    'Nobody thinks here: no reasoning engine is set up, so this could not be answered. What is known is answered all the same; `kora phrasebook list` shows what that is.',
  cost_ladder_halted:
    'The budget for thinking is spent, so this could not be answered. `kora cost` shows it.',
  cost_capped: 'What this question may cost was spent before there was an answer.',
  auth: 'Whoever thinks here was refused by its provider, so this could not be answered. `kora doctor` says more.',
  tool_iterations_exceeded: 'It took more steps than one question may take, and there is no answer.',
  projection_failed: 'The question does not fit into what a model can read.',
};

/** What is worth another try, what waits for the end of a pause, and what is an answer. */
export function askedOf({ status, by, text, error, why, runId }: ReasonAnswer): Asked {
  if (text.trim() !== '' && by !== 'nobody') return { kind: 'answer', by, text, runId };
  if (error === 'operational_state_paused' || error === 'operational_state_stopped') return { kind: 'held' };
  const plain = error === null ? undefined : plainly[error];
  if (plain !== undefined) return { kind: 'plain', text: plain, runId };
  return { kind: 'failed', error: `${error ?? status}${why === undefined ? '' : `: ${why}`}` };
}
