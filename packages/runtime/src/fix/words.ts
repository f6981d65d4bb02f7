import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { FixAttempt, FixOutcome, NewMessage } from './contract.ts';
import { autofixAttempted } from './events.ts';
import { remedyFor } from './remedy.ts';

const said: Readonly<Record<FixOutcome, string>> = {
  mended: 'mended',
  not_mended: 'still failing',
  rolled_back: 'taken back',
  execution_failed: 'it failed',
  rejected: 'not done',
  unknown: 'nobody knows whether it happened',
};

/** What came of an attempt, for the chain: refusals too. */
export function endedDraft(attempt: FixAttempt): EventDraft {
  const { outcome, beganAt, endedAt } = attempt;
  const payload = {
    attempt: attempt.attemptId,
    probe: attempt.probe,
    fix: attempt.fix,
    capability: attempt.capability,
    mode: attempt.mode,
    incident_id: attempt.incidentId,
    wake_id: attempt.wakeId,
    asked_by: attempt.askedBy,
    session: attempt.session,
    learned_proposal: attempt.learned?.proposalId ?? null,
    learned_revision: attempt.learned?.revision ?? null,
    outcome: outcome ?? 'unknown',
    code: attempt.code,
    approval: attempt.approvalId === null ? null : String(attempt.approvalId),
    began_at: beganAt,
    duration_ms: beganAt === null || endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(beganAt),
    target: attempt.target,
    reason: attempt.reason,
    detail: attempt.detail,
    conditions: attempt.conditions.map(
      ({ name, holds, saw }) => `${name} ${holds ? 'holds' : 'fails'}: ${saw}`,
    ),
    before: attempt.before === null ? null : { ...attempt.before },
    after: attempt.after === null ? null : { ...attempt.after },
  };
  return draft(autofixAttempted, payload, {
    ...(attempt.wakeId === null ? {} : { correlationId: attempt.wakeId }),
    ...(attempt.ticketId === null ? {} : { ticketId: attempt.ticketId }),
  });
}

/** A fix that was not done is no fix in the story of its incident. */
const refusedSource = 'probe_fix_refused';

/** The line in the story of the incident: what ends it from here on may come of this. */
export function begunLine({ attemptId, fix, target, askedBy }: FixAttempt): string {
  return `${fix} on ${target} was begun (attempt ${attemptId}, asked by ${askedBy})`;
}

/** What the operator reads in the incident's thread once something was done, or what they approved was not. */
export function endedMessage(attempt: FixAttempt, causationId: string): NewMessage {
  const { attemptId, incidentId, wakeId, probe, fix, target, detail, code, conditions } = attempt;
  const outcome = attempt.outcome ?? 'unknown';
  const body = [
    `${fix} on ${target}: ${said[outcome]}${code === null ? '' : ` (${code})`}.`,
    ...(detail === null ? [] : [detail]),
    '',
    `Asked by ${attempt.askedBy}: ${attempt.reason}`,
    ...(attempt.learned === null ? [] : [`Its envelope is learned: proposal ${attempt.learned.proposalId}`]),
    ...conditions.map(({ name, saw }) => `- ${name}: ${saw}`),
    ...(attempt.before === null ? [] : [`before: ${shown(attempt.before)}`]),
    ...(attempt.after === null ? [] : [`after: ${shown(attempt.after)}`]),
    remedyFor(attempt) ?? `kora fix show ${attemptId}`,
  ];
  return {
    key: `fix:${attemptId}`,
    thread: incidentId === null ? `fix:${attemptId}` : `incident:${incidentId}`,
    severity: outcome === 'mended' ? 'info' : 'warning',
    title: `🔧 Fix · ${probe}: ${said[outcome]}`,
    body: body.join('\n'),
    source: outcome === 'rejected' ? refusedSource : 'probe_fix',
    causationId,
    ...(wakeId === null ? {} : { correlationId: wakeId }),
  };
}

/** Over before it was asked, or none of this incident's business: nobody needs to read that nothing was done about it. */
const unsaid: ReadonlySet<string | null> = new Set([
  'no_open_incident',
  'not_failing',
  'is_consequence',
  'target_busy',
]);

/** What the operator reads where what may be mended by itself was not, and why; null where there is nothing to say. */
export function refusedMessage(
  {
    wakeId,
    incidentId,
    probe,
  }: { readonly wakeId: string; readonly incidentId: number; readonly probe: string },
  refused: readonly FixAttempt[],
): NewMessage | null {
  // What the operator was asked about was told when it ended.
  const said = refused.filter(({ code, approvalId }) => approvalId === null && !unsaid.has(code));
  if (said.length === 0) return null;
  return {
    key: `fix:refused:${wakeId}`,
    thread: `incident:${incidentId}`,
    severity: 'info',
    title: `🔧 Fix · ${probe}: not done`,
    body: said
      .map((attempt) => {
        const { fix, target, code, detail } = attempt;
        return `${fix} on ${target}: not done (${String(code)}). ${detail ?? ''}\n${remedyFor(attempt) ?? ''}`;
      })
      .join('\n\n'),
    source: refusedSource,
    correlationId: wakeId,
  };
}

const longestState = 500;

function shown(state: object): string {
  const text = JSON.stringify(state);
  return text.length <= longestState ? text : `${text.slice(0, longestState)}…`;
}
