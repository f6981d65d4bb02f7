import { KoraError } from '@kora/runtime/plugin';
import type {
  NewMessage,
  PluginContext,
  TicketHandler,
  TicketResult,
  TicketWork,
} from '@kora/runtime/plugin';
import { investigationCompleted } from './events.ts';
import type { InvestigationCompleted } from './events.ts';
import { findFacts } from './rules/index.ts';
import { nextStep } from './rules/next-step.ts';
import type { Fact, Scene } from './rules/rule.ts';
import { counted } from './rules/words.ts';
import { readScene } from './scene.ts';
import type { SceneContext } from './scene.ts';
import { investigationKind, readOrder } from './wake.ts';

const mostLines = 6;

/** Works tickets of kind `probe_investigation`: gathers facts by rule and tells them in the incident's thread. */
export function investigator(context: SceneContext & Pick<PluginContext<unknown>, 'log'>): TicketHandler {
  return {
    kind: investigationKind,
    deadlineMs: 60_000,
    async work(ticket) {
      try {
        return await investigate(ticket, context);
      } catch (error) {
        ticket.signal.throwIfAborted();
        if (isInvalidOrder(error)) return { resolution: 'failed_terminal', summary: error.message };
        throw error;
      }
    },
  };
}

async function investigate(ticket: TicketWork, context: SceneContext): Promise<TicketResult> {
  const scene = await readScene(context, readOrder(ticket.payload), ticket.signal);
  const { order } = scene;
  const known = scene.wake !== null || scene.incident !== null;
  const facts = known ? findFacts(scene) : [];
  const outcome = known ? outcomeOf(scene) : 'incident_unknown';
  const completed: InvestigationCompleted = {
    wake_id: order.wakeId,
    incident_id: order.incidentId,
    probe: order.probe,
    outcome,
    facts: facts.length,
  };
  const links = { correlationId: order.wakeId, ticketId: ticket.ticketId };
  const raised = {
    type: investigationCompleted.type,
    payload: { ...completed },
    ...links,
    ...(scene.wake === null ? {} : { causationId: scene.wake.eventId }),
  };
  if (!known) {
    const summary = `neither incident ${order.incidentId} nor wake ${order.wakeId} is known`;
    return { resolution: 'failed_terminal', summary, events: [raised] };
  }
  const step = nextStep(scene, facts);
  return {
    resolution: 'completed',
    summary: `${counted(facts.length, 'fact')} about ${order.probe}: ${facts[0]?.line ?? 'none'}`,
    result: { outcome, facts: facts.map((fact) => ({ ...fact })), nextStep: step },
    messages: [messageFor(scene, facts, step)],
    events: [raised],
  };
}

function messageFor({ order }: Scene, facts: readonly Fact[], step: string): NewMessage {
  const lines = facts.slice(0, mostLines).map((fact) => fact.line);
  return {
    key: `investigation:${order.wakeId}`,
    thread: `incident:${order.incidentId}`,
    severity: order.severity,
    title: `Findings · ${order.probe}`,
    body: [...lines, `Next step: ${step}`].join('\n'),
    source: investigationKind,
    correlationId: order.wakeId,
  };
}

function outcomeOf(scene: Scene): InvestigationCompleted['outcome'] {
  return scene.incident?.status === 'resolved' ? 'recovered' : 'open';
}

function isInvalidOrder(error: unknown): error is KoraError {
  return error instanceof KoraError && error.code === 'PLUGIN_PROBES_ORDER_INVALID';
}
