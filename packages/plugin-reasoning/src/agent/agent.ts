import type { PluginContext, Registration, TicketHandler } from '@kora/runtime/plugin';
import { microUsdOf } from './config.ts';
import type { AgentConfig } from './config.ts';
import { Desks } from './desk.ts';
import { agentTools } from './tools.ts';
import { workTicket } from './work.ts';
import type { WorkContext, WorkParts } from './work.ts';

export type AgentContext = WorkContext &
  Pick<PluginContext<unknown>, 'registerTicketHandler' | 'registerTool'>;

/** Longer than a question may take: between two of them it is told that the work goes on. */
const graceMs = 60_000;

/**
 * Works tickets of the configured kinds by thinking, from now until it is disposed. Register it only while somebody can
 * think: without a handler a ticket waits, and says so. Throws KORA_TICKET_HANDLER_TAKEN, KORA_TOOL_TAKEN, and what
 * `registerTool` throws; what had been registered by then is undone.
 */
export async function registerAgent(context: AgentContext, config: AgentConfig): Promise<Registration> {
  const desks = new Desks();
  const held: Registration[] = [];
  const dispose = async (): Promise<void> => {
    for (const registration of held.splice(0).toReversed()) await registration.dispose();
  };
  try {
    const [finish, ask] = agentTools(desks);
    held.push(await context.registerTool(finish));
    held.push(await context.registerTool(ask));
    for (const kind of config.kinds)
      held.push(await context.registerTicketHandler(handlerFor(kind, { context, config, desks })));
  } catch (error) {
    await dispose();
    throw error;
  }
  return { dispose };
}

function handlerFor(kind: string, parts: WorkParts): TicketHandler {
  const { config } = parts;
  return {
    kind,
    concurrency: config.concurrency,
    deadlineMs: config.turnSeconds * 1_000 + graceMs,
    // Each takes minutes: one that waits behind another is better off with another runtime.
    prefetch: 0,
    budgetMicroUsd: microUsdOf(config.budgetUsd),
    work: (ticket) => workTicket(parts, ticket),
  };
}
