import type { AttemptSeen } from './attempt-rows.ts';
import type { FixOffer } from './contract.ts';
import type { Envelopes, RegisteredFix } from './envelopes.ts';
import { targetsIn } from './choose.ts';
import { examine } from './examine.ts';
import type { FixQuestion } from './choose.ts';
import type { FixesOptions } from './ports.ts';
import { remedyFor } from './remedy.ts';
import { asking, wordsOf } from './wish.ts';

/** What would come of a wish now; nothing is written, asked or done. */
export interface Rehearsal extends AttemptSeen {
  readonly verdict: 'would_run' | 'would_ask' | 'refused';
  readonly code: string | null;
  readonly detail: string | null;
  readonly probe: string;
  readonly fix: string | null;
  readonly target: string | null;
  readonly capability: string | null;
  readonly incidentId: number | null;
  /** The command that leads on where it would be refused. */
  readonly remedy: string | null;
}

/** Examines a wish without writing, asking or doing anything. Throws what the store throws. */
export async function rehearse(
  options: FixesOptions,
  envelopes: Envelopes,
  question: FixQuestion,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const seen = await examine(options, envelopes, question, signal);
  const about = {
    probe: question.probe,
    fix: seen.fix?.envelope.fixName ?? question.fix ?? null,
    target: seen.target?.id ?? question.target ?? null,
    capability: seen.fix?.envelope.capability ?? null,
    incidentId: seen.incident?.incidentId ?? null,
    conditions: seen.conditions,
    before: seen.before,
  };
  const refused = (code: string, detail: string): Rehearsal => ({
    ...about,
    verdict: 'refused',
    code,
    detail,
    remedy: remedyFor({ probe: about.probe, fix: about.fix, incidentId: about.incidentId, code }),
  });
  if ('code' in seen) return refused(seen.code, seen.detail);
  const words = wordsOf({ ...question, key: 'rehearsal', askedBy: 'operator', reason: '' }, seen);
  const shut = options.admission.look('autofix', asking(words, seen));
  if (!shut.allow) return refused(shut.cause, `the door is closed: ${shut.cause}`);
  const isGranted = words.mode === 'auto' && (await options.granted(words.plugin, words.capability));
  return { ...about, verdict: isGranted ? 'would_run' : 'would_ask', code: null, detail: null, remedy: null };
}

/** An envelope as it stands now, with what it could be done to. Throws what the store throws. */
export async function offerOf({ probes }: FixesOptions, fix: RegisteredFix): Promise<FixOffer> {
  const { envelope, bounds, owner, canRollBack, learned } = fix;
  const state = await probes.state(envelope.probe);
  const observation =
    state === undefined || state.incidentId === null || state.status === null || state.checkedAt === null
      ? undefined
      : { ...state, probe: state.name, status: state.status, checkedAt: state.checkedAt };
  return {
    probe: envelope.probe,
    fix: envelope.fixName,
    title: envelope.title,
    plugin: owner,
    mode: bounds.mode,
    capability: envelope.capability,
    perTargetPerHour: bounds.perTargetPerHour,
    learned,
    verifyMs: envelope.verifyMs,
    canRollBack,
    targets: observation === undefined ? [] : targetsIn(fix, observation),
  };
}
