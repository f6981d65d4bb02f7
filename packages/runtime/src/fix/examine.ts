import { z } from 'zod';
import { storable } from '../chain/index.ts';
import { withDeadline } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import { attemptsAt } from './attempt-rows.ts';
import type { AttemptsAt, AttemptSeen } from './attempt-rows.ts';
import { conditionsOf, fixFor, short, targetAmong } from './choose.ts';
import type { FixQuestion } from './choose.ts';
import type { FixCondition, FixObservation, FixState, FixTarget, fixCodes, ProbeState } from './contract.ts';
import type { Envelopes, RegisteredFix } from './envelopes.ts';
import type { FixesOptions, OpenIncident } from './ports.ts';

/** Everything that speaks for it: nothing is left but the door, and the deed. */
export interface Examined extends AttemptSeen {
  readonly fix: RegisteredFix;
  readonly target: FixTarget;
  readonly before: FixState;
  readonly incident: OpenIncident;
}

/** Why not, with as much as was seen until then. */
export interface Unfit extends AttemptSeen {
  readonly code: (typeof fixCodes)[number];
  readonly detail: string;
  readonly fix?: RegisteredFix;
  readonly target?: FixTarget;
  readonly incident?: OpenIncident;
}

const failing: ReadonlySet<string> = new Set(['degraded', 'unhealthy', 'unreachable']);
const nothingSeen: AttemptSeen = { conditions: [], before: null };

/**
 * Whether a fix is inside its envelope now, by code alone: the probe fails in an open incident, its last look names the
 * target, every condition holds, and the target has had fewer attempts than it may have in an hour. Whoever asks is
 * believed nothing. Throws what the store throws.
 */
export async function examine(
  options: FixesOptions,
  envelopes: Envelopes,
  question: FixQuestion,
  signal: AbortSignal,
): Promise<Examined | Unfit> {
  const found = fixFor(envelopes, question);
  if ('code' in found) return { ...nothingSeen, ...found };
  const fix = found;
  const { envelope, bounds } = fix;
  if (bounds.mode === 'off')
    return unfit('envelope_disabled', `${envelope.fixName} of ${envelope.probe} is off`, { fix });
  const state = await options.probes.state(envelope.probe);
  if (state === undefined) return unfit('unknown_probe', `nothing here looks at ${envelope.probe}`, { fix });
  if (state.incidentId === null) return unfit(...withoutIncident(state), { fix });
  const incident = await options.incident(state.incidentId);
  if (incident.status !== 'open')
    return unfit('no_open_incident', `incident ${incident.incidentId} is over`, { fix, incident });
  const { causedBy = null } = incident;
  if (causedBy !== null)
    return unfit('is_consequence', `${causedBy} is what fails: mended there, this is well again`, {
      fix,
      incident,
    });
  const { status, checkedAt } = state;
  if (status === null || checkedAt === null || !failing.has(status))
    return unfit('not_failing', `the last look at ${envelope.probe} came back ${status ?? 'empty'}`, {
      fix,
      incident,
    });
  const { details, error, target: lookedAt } = state;
  const observation = { probe: envelope.probe, target: lookedAt, status, details, error, checkedAt };
  const named = targetAmong(fix, observation, question.target);
  if ('code' in named) return { ...nothingSeen, ...named, fix, incident };
  return weigh(options, { fix, incident, observation, ...named }, signal);
}

/** What is not set up here and what is well are two things to the operator; neither is mended. */
function withoutIncident({ name, status, error }: ProbeState): [Unfit['code'], string] {
  if (status === 'unconfigured')
    return ['not_failing', `${name} is unconfigured: ${short(error ?? 'no reason')}`];
  return ['no_open_incident', `${name} has no open incident: its last look came back ${status ?? 'empty'}`];
}

interface Weighed {
  readonly fix: RegisteredFix;
  readonly incident: OpenIncident;
  readonly observation: FixObservation;
  readonly target: FixTarget;
  readonly targets: readonly FixTarget[];
}

/** The conditions of the envelope over the target as it stands now, and the bound of the hour. */
async function weigh(
  options: FixesOptions,
  { fix, incident, observation, target, targets }: Weighed,
  signal: AbortSignal,
): Promise<Examined | Unfit> {
  const about = { fix, incident, target };
  let before: FixState;
  let conditions: readonly FixCondition[];
  try {
    before = await stateOf(options, fix, target, signal);
    conditions = conditionsOf(fix, { observation, target, targets, before });
  } catch (error) {
    return unfit('target_unreadable', short(options.scrub(messageOf(error))), about);
  }
  const seen = { before, conditions };
  const broken = conditions.filter(({ holds }) => !holds);
  if (broken.length > 0) {
    const why = broken.map(({ name, saw }) => `${name}: ${saw}`).join('; ');
    return { ...unfit('condition_not_met', why, about), ...seen };
  }
  const { perTargetPerHour } = fix.bounds;
  const at = await attemptsAt(options.database, options.workspaceId, target.id);
  if (at.running) return { ...unfit('target_busy', `another attempt is at ${target.id}`, about), ...seen };
  if (at.begun >= perTargetPerHour)
    return { ...unfit('limit_reached', limitReached(about, at), about), ...seen };
  return { ...about, ...seen };
}

/** Says what the bound is, and when there is room again. */
export function limitReached(
  { fix, target }: Pick<Examined, 'fix' | 'target'>,
  { begun, freeAt }: AttemptsAt,
): string {
  const most = fix.bounds.perTargetPerHour;
  const free = freeAt === null ? '' : `; there is room again at ${freeAt}`;
  return `${target.id} had ${begun} of ${most} attempts in the last hour${free}`;
}

/** Reads the target with leave to look; what it answers must be data. Throws what the executor throws. */
export async function stateOf(
  { admission, clock }: Pick<FixesOptions, 'admission' | 'clock'>,
  { envelope, owner }: RegisteredFix,
  target: FixTarget,
  signal: AbortSignal,
): Promise<FixState> {
  const ask = { caller: owner, task: `fix.${envelope.fixName}`, purpose: 'observe' } as const;
  const leave = await admission.admit('periodic_task', ask);
  if (!leave.allow)
    throw fault('KORA_ADMISSION_DENIED', `it may not be looked at: ${leave.cause}`, { fix: 'kora status' });
  const deadline = { ms: envelope.timeoutMs, what: `looking at ${target.id}`, signal };
  return withDeadline(clock, deadline, async (limit) => {
    admission.redeem(leave.pass, 'periodic_task');
    return stateSchema.parse(storable(await envelope.observe(target, limit)));
  });
}

const stateSchema = z.record(z.string(), z.unknown());

function unfit(
  code: Unfit['code'],
  detail: string,
  about: Pick<Unfit, 'fix' | 'target' | 'incident'>,
): Unfit {
  return { ...nothingSeen, code, detail, ...about };
}
