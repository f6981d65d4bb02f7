import type { TicketResult } from '@kora/runtime/plugin';
import type { Diagnosis, Ruled } from '../diagnose/diagnose.ts';
import { findingsMessage } from '../diagnose/tell.ts';
import type { KeptAnswer } from '../diagnose/think.ts';
import type { Storm } from '../intake/storms.ts';
import { nextStep } from '../rules/next-step.ts';
import type { Fact } from '../rules/rule.ts';
import { counted } from '../rules/words.ts';
import { investigationKind } from '../wake.ts';
import { raised } from './ends.ts';
import type { About } from './ends.ts';

export interface Found {
  readonly facts: readonly Fact[];
  readonly ruled: Ruled;
  readonly diagnosis: Diagnosis;
  readonly storm: Storm | null;
}

/** What an investigation that ran to its end comes to: the word in the thread, the event, and all of it in the result. */
export function foundResult(about: About, found: Found): TicketResult {
  const { order, scene } = about;
  const { facts, diagnosis, storm } = found;
  const next = diagnosis.next ?? nextStep(scene, facts);
  const lines = facts.map(({ line }) => line);
  const said = diagnosis.findings[0]?.text ?? lines[0] ?? 'none';
  const summary = `${counted(facts.length, 'fact')} about ${order.probe}: ${said}`;
  const told = {
    wakeId: order.wakeId,
    thread: `incident:${order.incidentId}`,
    severity: order.severity,
    name: order.probe,
    source: investigationKind,
  } as const;
  return {
    resolution: 'completed',
    summary,
    result: resultOf(found, next),
    messages: [findingsMessage(told, diagnosis, { facts: lines, next, siblings: siblingsOf(about, storm) })],
    events: [completedEvent(about, found, summary)],
    ...takenBy(diagnosis.answer),
  };
}

function resultOf(
  { facts, ruled, diagnosis, storm }: Found,
  next: string,
): Readonly<Record<string, unknown>> {
  const { rung, kind, cause, entities, confidence, evidence, code, text, findings, answer } = diagnosis;
  return {
    outcome: 'open',
    facts: facts.map((fact) => ({ ...fact })),
    nextStep: next,
    diagnosis: { rung, kind, cause, entities, confidence, evidence, code, text },
    rules: rulesSaid(ruled),
    looked: (ruled.looked ?? []).map((each) => ({ ...each })),
    findings: findings.map((finding) => ({ ...finding })),
    runId: answer?.runId ?? null,
    storm: (storm?.members ?? []).map(({ incidentId }) => incidentId),
  };
}

/** What rules alone came to, whoever was asked after them: why they abstained is not to be lost behind an answer. */
function rulesSaid({ conclusion }: Ruled): Readonly<Record<string, unknown>> {
  return conclusion.kind === 'abstained'
    ? { kind: conclusion.kind, why: conclusion.why, needs: [...conclusion.needs] }
    : { kind: conclusion.kind, why: null, needs: [] };
}

function completedEvent(
  about: About,
  { facts, diagnosis }: Found,
  summary: string,
): ReturnType<typeof raised> {
  const { rung, code, cause, confidence, entities, answer } = diagnosis;
  const { tokens = 0, costMicroUsd = 0 } = takenBy(answer);
  return raised(about, {
    outcome: 'open',
    facts: facts.length,
    rung,
    code,
    cause,
    confidence,
    entities: [...entities],
    summary,
    run_id: answer?.runId ?? null,
    calls: answer?.receipt.calls ?? 0,
    tokens,
    cost_micro_usd: costMicroUsd,
  });
}

/** What thinking it took, as the ticket keeps it; nothing where nobody thought. */
export function takenBy(
  answer: KeptAnswer | null,
): Pick<TicketResult, 'modelTier' | 'tokens' | 'costMicroUsd'> {
  if (answer === null || answer.receipt.calls === 0) return {};
  const { inputTokens, outputTokens, costMicroUsd, tier } = answer.receipt;
  return { tokens: inputTokens + outputTokens, costMicroUsd, ...(tier === null ? {} : { modelTier: tier }) };
}

function siblingsOf({ order }: About, storm: Storm | null): readonly string[] {
  return (storm?.members ?? [])
    .filter(({ wakeId }) => wakeId !== order.wakeId)
    .map(({ incidentId, probe }) => `incident ${incidentId} (${probe})`);
}
