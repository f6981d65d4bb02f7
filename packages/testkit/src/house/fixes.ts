import { conditionsOf, Envelopes, fixFor, targetAmong, withDeadline } from '@kora/runtime/testkit';
import type { FakeClock, FixQuestion } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type {
  FixCall,
  FixCondition,
  FixEnvelope,
  FixObservation,
  FixState,
  FixTarget,
  ProbeSnapshot,
  ProbeState,
  Registration,
} from '@kora/runtime/plugin';
import type { TriedFix } from '../contract.ts';

const pauseMs = 500;
const goodLooks = 2;

export interface FixPorts {
  readonly clock: FakeClock;
  probe(name: string): ProbeState | undefined;
  /** Looks at the probe once more; answers what it saw. */
  look(name: string): Promise<ProbeState['status']>;
  /** Moves the clock on, with all that is due until then. */
  pass(ms: number): Promise<void>;
}

/** The ports of a fix over a runtime in memory. */
export function portsOf(runtime: {
  readonly clock: FixPorts['clock'];
  readonly house: { readonly probes: { list(): readonly ProbeState[] } };
  lookAt(probe: string): Promise<ProbeSnapshot>;
  advance(ms: number): Promise<void>;
}): FixPorts {
  return {
    clock: runtime.clock,
    probe: (name) => runtime.house.probes.list().find((each) => each.name === name),
    look: async (name) => (await runtime.lookAt(name)).status,
    pass: (ms) => runtime.advance(ms),
  };
}

interface Deed {
  readonly envelope: FixEnvelope;
  readonly target: FixTarget;
  readonly call: FixCall;
}

/**
 * What may be mended, under the same rules as in a real house: chosen out of the last look, held against its conditions,
 * done, looked at twice and taken back. The operator agrees to everything, and no hour is bounded.
 */
export class Fixes {
  readonly #envelopes = new Envelopes(() => undefined);
  #attempts = 0;

  /** Throws KORA_PLUGIN_INVALID, KORA_FIX_TAKEN. */
  hold(envelope: FixEnvelope, plugin: string): Registration {
    const undo = this.#envelopes.register(envelope, plugin);
    return {
      dispose: () => {
        undo();
        return Promise.resolve();
      },
    };
  }

  async try(question: FixQuestion, ports: FixPorts, signal: AbortSignal): Promise<TriedFix> {
    const fix = fixFor(this.#envelopes, question);
    if ('code' in fix) return refused(fix.code);
    const { envelope, bounds } = fix;
    if (bounds.mode === 'off') return refused('envelope_disabled');
    const state = ports.probe(question.probe);
    if (state === undefined) return refused('unknown_probe');
    if (state.incidentId === null) return refused('no_open_incident');
    const observation = observationOf(state);
    if (observation === undefined) return refused('not_failing');
    const named = targetAmong(fix, observation, question.target);
    if ('code' in named) return refused(named.code);
    const { target } = named;
    this.#attempts += 1;
    const about = { key: `test-fix-${this.#attempts}`, incidentId: state.incidentId };
    let before: FixState;
    let conditions: readonly FixCondition[];
    try {
      before = await within(envelope, ports, signal, (limit) => envelope.observe(target, limit));
      conditions = conditionsOf(fix, { observation, ...named, before });
    } catch (error) {
      return { ...refused('target_unreadable'), target: target.id, detail: messageOf(error) };
    }
    const seen = { target: target.id, conditions, before };
    if (conditions.some(({ holds }) => !holds)) return { ...refused('condition_not_met'), ...seen };
    const end = await mend({ envelope, target, call: { ...about, before, signal } }, ports);
    const after = await within(envelope, ports, signal, (limit) => envelope.observe(target, limit)).catch(
      () => null,
    );
    return { ...end, ...seen, after };
  }
}

type End = Pick<TriedFix, 'outcome' | 'code' | 'detail'>;

async function mend({ envelope, target, call }: Deed, ports: FixPorts): Promise<End> {
  try {
    await within(envelope, ports, call.signal, (signal) => envelope.execute(target, { ...call, signal }));
  } catch (error) {
    return { outcome: 'execution_failed', code: 'executor_failed', detail: messageOf(error) };
  }
  if (await isWell(envelope, ports)) return { outcome: 'mended', code: null, detail: null };
  const { rollback } = envelope;
  if (rollback === undefined) return { outcome: 'not_mended', code: 'not_verified', detail: null };
  try {
    await within(envelope, ports, call.signal, (signal) =>
      rollback.call(envelope, target, { ...call, signal }),
    );
    return { outcome: 'rolled_back', code: 'not_verified', detail: null };
  } catch (error) {
    return { outcome: 'not_mended', code: 'rollback_failed', detail: messageOf(error) };
  }
}

async function isWell({ probe, verifyMs }: FixEnvelope, { look, pass }: FixPorts): Promise<boolean> {
  let good = 0;
  for (let passed = pauseMs; passed <= verifyMs; passed += pauseMs) {
    await pass(pauseMs);
    good = (await look(probe)) === 'healthy' ? good + 1 : 0;
    if (good >= goodLooks) return true;
  }
  return false;
}

function within<T>(
  { timeoutMs, fixName }: FixEnvelope,
  { clock }: FixPorts,
  signal: AbortSignal,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  return withDeadline(clock, { ms: timeoutMs, what: `fix ${fixName}`, signal }, work);
}

function observationOf({
  name,
  target,
  status,
  details,
  error,
  checkedAt,
}: ProbeState): FixObservation | undefined {
  if (status === null || checkedAt === null) return undefined;
  if (status === 'healthy' || status === 'unconfigured') return undefined;
  return { probe: name, target, status, details, error, checkedAt };
}

function refused(code: string): TriedFix {
  return { outcome: 'rejected', code, detail: null, target: null, conditions: [], before: null, after: null };
}
