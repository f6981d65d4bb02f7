import type { Pass } from '../admission/index.ts';
import { withDeadline } from '../clock/index.ts';
import { KoraError, messageOf } from '../fault/index.ts';
import type { AttemptEnd } from './attempts.ts';
import type { FixAttempt, FixCall, FixState } from './contract.ts';
import { stateOf } from './examine.ts';
import type { Examined } from './examine.ts';
import type { FixesOptions } from './ports.ts';

const firstLookMs = 500;
const longestPauseMs = 5_000;
/** One good look may be the last of the old state. */
const goodLooks = 2;
const longestDetail = 600;
/** How long an executor that was told to stop may take to do so. */
const stopGraceMs = 2_000;

/** An attempt that was written down as begun. */
export interface Deed {
  readonly attempt: FixAttempt;
  readonly seen: Examined;
}

/**
 * Mends, looks whether it is well, and takes it back where that was promised. The pass is redeemed at the deed itself, so
 * that a stop which came meanwhile is heard; the taking back belongs to the same leave, and hears a stop too. Never throws.
 */
export async function mend(
  options: FixesOptions,
  { attempt, seen }: Deed,
  pass: Pass<'autofix'>,
  signal: AbortSignal,
): Promise<AttemptEnd> {
  const { admission, clock } = options;
  const { fix, target } = seen;
  const { envelope } = fix;
  const what = `${envelope.fixName} on ${target.id}`;
  const call = callOf(options, { attempt, seen });
  try {
    admission.redeem(pass, 'autofix');
  } catch (error) {
    return { outcome: 'execution_failed', code: causeOf(error), detail: 'nothing was done', after: null };
  }
  try {
    await withDeadline(clock, { ms: envelope.timeoutMs, what, signal, graceMs: stopGraceMs }, (limit) =>
      envelope.execute(target, { ...call, signal: limit }),
    );
  } catch (error) {
    return failed(options, { attempt, seen }, error, signal);
  }
  if (await isWell(options, envelope.probe, envelope.verifyMs, signal))
    return { outcome: 'mended', code: null, detail: null, after: await after(options, seen, signal) };
  if (!signal.aborted) return helpedNot(options, { attempt, seen }, pass, signal);
  const detail = 'it was done; nobody saw the end';
  return { outcome: 'unknown', code: 'runtime_ended', detail, after: null };
}

/** It did not help in time: taken back where that is defined and the door still stands open. */
async function helpedNot(
  options: FixesOptions,
  deed: Deed,
  pass: Pass<'autofix'>,
  signal: AbortSignal,
): Promise<AttemptEnd> {
  const { envelope, canRollBack } = deed.seen.fix;
  const late = `${envelope.probe} was not found well within ${envelope.verifyMs} ms`;
  const left = canRollBack ? await takeBack(options, deed, pass, signal) : nothingDefined;
  const now = await after(options, deed.seen, signal);
  if (left === undefined) return { outcome: 'rolled_back', code: 'not_verified', detail: late, after: now };
  const detail = left.why === undefined ? late : words(options, `${late}; ${left.why}`);
  return { outcome: 'not_mended', code: left.code, detail, after: now };
}

/** Why it stands as the deed left it. */
interface Left {
  readonly code: 'not_verified' | 'rollback_failed';
  readonly why?: string;
}

const nothingDefined: Left = { code: 'not_verified' };

/** Answers undefined once it is taken back. */
async function takeBack(
  options: FixesOptions,
  deed: Deed,
  pass: Pass<'autofix'>,
  signal: AbortSignal,
): Promise<Left | undefined> {
  const { admission, clock } = options;
  const { fix, target } = deed.seen;
  const { envelope } = fix;
  const leave = admission.undo(pass);
  if (!leave.allow) return { code: 'not_verified', why: `it was not taken back: ${leave.cause}` };
  const what = `taking back ${envelope.fixName} on ${target.id}`;
  const deadline = { ms: envelope.timeoutMs, what, signal, graceMs: stopGraceMs };
  try {
    await withDeadline(clock, deadline, async (limit) => {
      admission.redeem(leave.pass, 'autofix');
      await envelope.rollback?.(target, { ...callOf(options, deed), signal: limit });
    });
    return undefined;
  } catch (error) {
    return { code: 'rollback_failed', why: `taking it back failed: ${messageOf(error)}` };
  }
}

function callOf(options: FixesOptions, { attempt, seen }: Deed): Omit<FixCall, 'signal'> {
  const { before, incident } = seen;
  return { key: keyOf(options, attempt), incidentId: incident.incidentId, before };
}

/** What an executor throws may have happened all the same: how the target stands now is said beside it. */
async function failed(
  options: FixesOptions,
  { seen }: Deed,
  error: unknown,
  signal: AbortSignal,
): Promise<AttemptEnd> {
  const detail = words(options, messageOf(error));
  if (signal.aborted) return { outcome: 'unknown', code: 'runtime_ended', detail, after: null };
  const isLate = error instanceof KoraError && error.code === 'KORA_TIMEOUT';
  const code = isLate ? 'executor_timed_out' : 'executor_failed';
  return { outcome: 'execution_failed', code, detail, after: await after(options, seen, signal) };
}

/** Whether the probe finds it well, twice in a row, within the time. */
async function isWell(
  { clock, probes }: FixesOptions,
  probe: string,
  verifyMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const until = clock.monotonic() + verifyMs;
  let pause = firstLookMs;
  let good = 0;
  while (clock.monotonic() + pause <= until && (await clock.sleep(pause, signal))) {
    const status = await probes.look(probe).then(
      (state) => state.status,
      () => null,
    );
    good = status === 'healthy' ? good + 1 : 0;
    if (good >= goodLooks) return true;
    pause = good > 0 ? firstLookMs : Math.min(pause * 2, longestPauseMs);
  }
  return false;
}

/** How the target stands now; null when it cannot be read. */
function after(
  options: FixesOptions,
  { fix, target }: Examined,
  signal: AbortSignal,
): Promise<FixState | null> {
  return stateOf(options, fix, target, signal).catch(() => null);
}

/** Another workspace and a restored store have attempts of the same number. */
function keyOf({ workspaceId }: FixesOptions, { attemptId, askedAt }: FixAttempt): string {
  return `kora-${workspaceId}-fix-${attemptId}-${Date.parse(askedAt).toString(36)}`;
}

function causeOf(error: unknown): string {
  const cause = error instanceof KoraError ? error.details['cause'] : undefined;
  return typeof cause === 'string' ? cause : 'invalid_context';
}

function words({ scrub }: FixesOptions, text: string): string {
  return scrub(text).slice(0, longestDetail);
}
