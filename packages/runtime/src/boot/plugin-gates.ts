import { fault } from '../fault/index.ts';
import type { BootGateAnswer, BootGateSpec } from './contract.ts';
import type { Gate, GateAnswer } from './gate.ts';

const defaultDeadlineMs = 10_000;
const longestDeadlineMs = 60_000;
const mostGates = 50;

/** The gates that trusted plugins add: after those of the runtime, before the smoke test, in the order they came. */
export class PluginGates {
  readonly #gates = new Map<string, Gate>();

  /** Answers how to take it back. Throws KORA_PLUGIN_INVALID for a bad id or deadline. */
  register(spec: BootGateSpec, plugin: string): () => void {
    const gateId = `${plugin}.${spec.gateId}`;
    const deadlineMs = spec.deadlineMs ?? defaultDeadlineMs;
    if (!/^[a-z0-9][a-z0-9_-]{0,59}$/.test(spec.gateId) || this.#gates.has(gateId))
      throw fault('KORA_PLUGIN_INVALID', `boot gate ${gateId}: the id is taken, or malformed`);
    if (!Number.isInteger(deadlineMs) || deadlineMs < 1 || deadlineMs > longestDeadlineMs)
      throw fault('KORA_PLUGIN_INVALID', `boot gate ${gateId}: deadlineMs must be 1 to ${longestDeadlineMs}`);
    if (this.#gates.size >= mostGates)
      throw fault('KORA_PLUGIN_INVALID', `boot gate ${gateId}: there are ${mostGates} already`);
    const { title, gateClass, reason = 'dispatch' } = spec;
    this.#gates.set(gateId, {
      gateId,
      title,
      gateClass,
      deadlineMs,
      reason,
      run: async (signal) => answerOf(await spec.run(signal), gateId),
    });
    return () => {
      this.#gates.delete(gateId);
    };
  }

  list(): readonly Gate[] {
    return [...this.#gates.values()];
  }
}

/** A plugin may be written without types: what is no answer is a throw. */
function answerOf({ outcome, detail, fix }: BootGateAnswer, gateId: string): GateAnswer {
  switch (outcome) {
    case 'pass':
    case 'unavailable':
      return { outcome, detail };
    case 'fail':
      return { outcome, detail, ...(fix === undefined ? {} : { fix }) };
    default:
      throw fault('KORA_PLUGIN_INVALID', `boot gate ${gateId} answered neither pass, fail nor unavailable`);
  }
}
