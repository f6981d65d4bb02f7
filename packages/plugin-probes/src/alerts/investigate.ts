import { KoraError } from '@kora/runtime/plugin';
import type { PluginContext, TicketHandler, TicketResult, TicketWork } from '@kora/runtime/plugin';
import { diagnose } from '../diagnose/diagnose.ts';
import type { Diagnosis, Ruled } from '../diagnose/diagnose.ts';
import { findingsMessage } from '../diagnose/tell.ts';
import { thinkFor } from '../diagnose/think.ts';
import type { ThinkContext } from '../diagnose/think.ts';
import { quotaOf, startsOnChain, waitingMessage } from '../intake/quota.ts';
import { takenBy } from '../investigate/findings.ts';
import { counted, oneLine } from '../rules/words.ts';
import type { WakeConfig } from '../wake-config.ts';
import { alertInvestigated, alertInvestigationKind, readAlertOrder } from './wake.ts';
import type { AlertOrder } from './wake.ts';

export type AlertContext = ThinkContext & Pick<PluginContext<WakeConfig>, 'chain' | 'clock' | 'config'>;

const graceMs = 60_000;

/** Works tickets of kind `alert_investigation`: as a probe's wake is, with the alert's own words to go by. */
export function alertInvestigator(context: AlertContext): TicketHandler {
  return {
    kind: alertInvestigationKind,
    deadlineMs: context.config.investigation.seconds * 1_000 + graceMs,
    async work(ticket) {
      try {
        return await investigate(ticket, context);
      } catch (error) {
        ticket.signal.throwIfAborted();
        const isInvalid = error instanceof KoraError && error.code === 'PLUGIN_PROBES_ORDER_INVALID';
        if (isInvalid) return { resolution: 'failed_terminal', summary: error.message };
        throw error;
      }
    },
  };
}

async function investigate(ticket: TicketWork, context: AlertContext): Promise<TicketResult> {
  const began = context.clock.now();
  const order = readAlertOrder(ticket.payload);
  const waiting = await waitOf(order, context, began);
  if (waiting !== null) return waiting;
  ticket.signal.throwIfAborted();
  const think = context.config.investigation.model ? thinkFor(context, ticket) : null;
  const diagnosis = await diagnose(ruledOf(order), subjectOf(order, context.config), think);
  return resultOf(ticket, order, diagnosis, context.clock.now() - began);
}

async function waitOf(order: AlertOrder, context: AlertContext, now: number): Promise<TicketResult | null> {
  const starts = await startsOnChain(context.chain, { type: alertInvestigated, now });
  const critical = order.severity === 'critical';
  const quota = quotaOf(starts, now, { ...context.config.investigation, critical });
  if (quota.allowed) return null;
  return {
    resolution: 'released',
    summary: `waits: ${counted(quota.started, 'investigation')} started within the hour (${quota.limit} limit)`,
    retryAfterMs: quota.waitMs,
    messages: [waitingMessage(quota, now, alertInvestigationKind)],
  };
}

/** An alert says what is counted and not what is behind it: rules have nothing that decides. */
function ruledOf({ alertId, title, detail }: AlertOrder): Ruled {
  return {
    conclusion: { kind: 'abstained', why: 'no_evidence', needs: [], findings: [] },
    entities: [`alert:${alertId}`],
    lines: [
      { source: 'the alert', text: oneLine(`${title}: ${detail}`, 500), evidenceId: `alert:${alertId}` },
    ],
  };
}

function subjectOf(order: AlertOrder, { investigation }: WakeConfig): Parameters<typeof diagnose>[1] {
  const { alertId, category, severity } = order;
  return {
    route: 'alert_investigation',
    what: `an alert of category ${oneLine(category, 80)} (${severity})`,
    thread: `alert:${category}:${severity}:${alertId}`.slice(0, 200),
    critical: severity === 'critical',
    wake: `alert ${alertId}`.slice(0, 500),
    limits: {
      deadlineMs: investigation.seconds * 1_000,
      costMicroUsd: Math.round(investigation.budgetUsd * 1_000_000),
    },
  };
}

function resultOf(
  ticket: TicketWork,
  order: AlertOrder,
  diagnosis: Diagnosis,
  durationMs: number,
): TicketResult {
  const { wakeId, alertId, severity, category, title, detail, thread } = order;
  const facts = [oneLine(`${title}: ${detail}`)];
  const name = oneLine(title === '' ? alertId : title, 80);
  const told = { wakeId, thread, severity, name, source: alertInvestigationKind } as const;
  const next = 'see what else is wrong: kora doctor';
  const { rung, kind, cause, entities, confidence, evidence, code, text, answer } = diagnosis;
  const summary = `alert ${alertId}: ${text ?? code ?? facts[0] ?? category}`;
  return {
    resolution: 'completed',
    summary,
    result: {
      facts,
      diagnosis: { rung, kind, cause, entities, confidence, evidence, code, text },
      runId: answer?.runId ?? null,
    },
    // Where nobody thinks there is nothing to add: the alert itself says what it knows, and what to do.
    ...(code === 'unconfigured'
      ? {}
      : { messages: [findingsMessage(told, diagnosis, { facts, next, siblings: [] })] }),
    events: [
      {
        type: alertInvestigated,
        payload: {
          alert_id: alertId,
          wake_id: wakeId,
          severity,
          category,
          outcome: 'open',
          duration_ms: Math.max(0, durationMs),
          summary,
        },
        correlationId: wakeId,
        ticketId: ticket.ticketId,
      },
    ],
    ...takenBy(answer),
  };
}
