import { KoraError } from '@kora/runtime/plugin';
import type { PluginContext, TicketHandler, TicketResult, TicketWork } from '@kora/runtime/plugin';
import { canaryProbe } from './canary/contract.ts';
import { diagnose } from './diagnose/diagnose.ts';
import type { Ruled } from './diagnose/diagnose.ts';
import type { Subject } from './diagnose/question.ts';
import { thinkFor } from './diagnose/think.ts';
import type { ThinkContext } from './diagnose/think.ts';
import { investigationCompleted } from './events.ts';
import { fixesOnChain, intakeFromChain } from './intake/intake.ts';
import { ownFixBehind } from './intake/own-fix.ts';
import type { FixMark } from './intake/own-fix.ts';
import { quotaOf, startsOnChain, waitingMessage } from './intake/quota.ts';
import type { Storm } from './intake/storms.ts';
import {
  canaryFound,
  comesOfFix,
  ledByAnother,
  recoveredMeanwhile,
  silenced,
  unknownIncident,
} from './investigate/ends.ts';
import type { About } from './investigate/ends.ts';
import { foundResult } from './investigate/findings.ts';
import { findFacts } from './rules/index.ts';
import type { Fact } from './rules/rule.ts';
import { counted } from './rules/words.ts';
import { readScene } from './scene.ts';
import type { SceneContext } from './scene.ts';
import type { WakeConfig } from './wake-config.ts';
import { investigationKind, readOrder } from './wake.ts';
import type { InvestigationOrder } from './wake.ts';

export type InvestigateContext = SceneContext & ThinkContext & Pick<PluginContext<WakeConfig>, 'config'>;

/** What rules are told: whose investigation it is, and the facts about the probe that were found already. */
export interface RuleWork {
  readonly about: About;
  readonly facts: readonly Fact[];
  readonly signal: AbortSignal;
}

/** The rung of rules: what the state of the world says, as far as it can be read. */
export type Rule = (work: RuleWork) => Promise<Ruled>;

const graceMs = 60_000;

/** Works tickets of kind `probe_investigation`: rules first, whoever thinks only where they abstain, one word in the thread. */
export function investigator(context: InvestigateContext, rule: Rule = factsAlone): TicketHandler {
  return {
    kind: investigationKind,
    deadlineMs: context.config.investigation.seconds * 1_000 + graceMs,
    async work(ticket) {
      try {
        return await investigate(ticket, context, rule);
      } catch (error) {
        ticket.signal.throwIfAborted();
        if (isInvalidOrder(error)) return { resolution: 'failed_terminal', summary: error.message };
        throw error;
      }
    },
  };
}

async function investigate(
  ticket: TicketWork,
  context: InvestigateContext,
  rule: Rule,
): Promise<TicketResult> {
  const { signal } = ticket;
  const began = context.clock.now();
  const order = readOrder(ticket.payload);
  const scene = await readScene(context, order, signal);
  const about: About = { ticket, order, scene, durationMs: () => context.clock.now() - began };
  if (scene.wake === null && scene.incident === null) return unknownIncident(about);
  if (order.probe === canaryProbe) return canaryFound(about);
  if (scene.incident?.status === 'resolved') return recoveredMeanwhile(about);
  const quietUntil = scene.incident?.silencedUntil ?? null;
  if (quietUntil !== null && Date.parse(quietUntil) > began) return silenced(about, quietUntil);
  const fix = await fixBehind(context, about);
  if (fix !== null) return comesOfFix(about, fix);
  const storm = await stormOf(context, order);
  if (storm !== null && storm.leader.wakeId !== order.wakeId) return ledByAnother(about, storm);
  const waiting = await waitOf(context, order);
  if (waiting !== null) return waiting;
  signal.throwIfAborted();
  const facts = findFacts(scene);
  const ruled = await rule({ about, facts, signal });
  signal.throwIfAborted();
  const think = context.config.investigation.model ? thinkFor(context, ticket) : null;
  const diagnosis = await diagnose(ruled, subjectOf(about, context.config), think);
  return foundResult(about, { facts, ruled, diagnosis, storm });
}

/** Without a state of the world there are the facts about the probe, and nothing that decides. */
export const factsAlone: Rule = ({ about: { order }, facts }) =>
  Promise.resolve({
    conclusion: { kind: 'abstained', why: 'no_evidence', needs: [], findings: [] },
    entities: [`probe:${order.probe}`],
    lines: factLines(order, facts),
  });

/** Facts about the probe, as they may be cited. */
export function factLines({ incidentId }: InvestigationOrder, facts: readonly Fact[]): Ruled['lines'] {
  return facts.map(({ rule, line }) => ({
    source: `fact by rule ${rule}`,
    text: line,
    evidenceId: `incident:${incidentId}#${rule}`,
  }));
}

function subjectOf({ order, scene }: About, { investigation }: WakeConfig): Subject {
  const { probe, category, severity, incidentId } = order;
  const kind = scene.wake?.kind ?? 'unknown';
  return {
    route: 'probe_investigation',
    what: `the probe ${probe} of kind ${kind} (${category}, ${severity}), incident ${incidentId}`,
    thread: `probe:${probe}:${category}:${incidentId}`,
    critical: severity === 'critical',
    wake: `incident ${incidentId}`,
    ...(scene.wake === null ? {} : { causationId: scene.wake.eventId }),
    limits: {
      deadlineMs: investigation.seconds * 1_000,
      costMicroUsd: Math.round(investigation.budgetUsd * 1_000_000),
    },
  };
}

/** A fix that ended since the wake, and that the failure comes of. */
async function fixBehind(context: InvestigateContext, { order, scene }: About): Promise<FixMark | null> {
  const { wake } = scene;
  if (wake === null) return null;
  const { dependsOn = wake.dependsOn ?? [] } = scene.states.find(({ name }) => name === order.probe) ?? {};
  return ownFixBehind({ ...wake, dependsOn }, await fixesOnChain(context));
}

async function stormOf(context: InvestigateContext, { wakeId }: InvestigationOrder): Promise<Storm | null> {
  return (await intakeFromChain(context, context.config)).stormOf(wakeId);
}

/** Given back until the hour has room; null when there is room. */
async function waitOf(context: InvestigateContext, order: InvestigationOrder): Promise<TicketResult | null> {
  const now = context.clock.now();
  const starts = await startsOnChain(context.chain, { type: investigationCompleted.type, now });
  const { softPerHour, hardPerHour } = context.config.investigation;
  const critical = order.severity === 'critical';
  const quota = quotaOf(starts, now, { softPerHour, hardPerHour, critical });
  if (quota.allowed) return null;
  return {
    resolution: 'released',
    summary: `waits: ${counted(quota.started, 'investigation')} started within the hour (${quota.limit} limit)`,
    retryAfterMs: quota.waitMs,
    messages: [waitingMessage(quota, now, investigationKind)],
  };
}

function isInvalidOrder(error: unknown): error is KoraError {
  return error instanceof KoraError && error.code === 'PLUGIN_PROBES_ORDER_INVALID';
}
