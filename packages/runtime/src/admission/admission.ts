import { fault } from '../fault/index.ts';
import { isStoreAway } from '../store/index.ts';
import { callerOf, claimOf, readAsked } from './ask.ts';
import type { Asked, AskedAt } from './ask.ts';
import { blockedBy } from './blocks.ts';
import type { DenyCause, Door, DoorContexts, GatedCall, Look, Refusal } from './contract.ts';
import type { Pass } from './pass.ts';
import type { AdmissionOptions } from './ports.ts';
import { refusalFor } from './table.ts';

export type Admitted<D extends Door> = { readonly allow: true; readonly pass: Pass<D> };

const open: Look = Object.freeze({ allow: true });
/** What a budget refuses for a bound that was met; whatever else it says is that nobody knows. */
const boundCauses = ['budget_spent', 'budget_paced'] as const;
const needsSecrets: ReadonlySet<Door> = new Set(['model_call', 'tool_call', 'autofix']);

/**
 * The one door. A question is read, met by the table, and where it costs or reaches out also by the budget or the
 * capability; what is unknown, thrown or unanswered closes. Leave is a pass for one door and one deed, and the deed's own
 * code redeems it at the last moment, when the table is asked once more.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #issued = new WeakMap<object, Asked>();
  /** What was let through and done: it may be taken back once. */
  readonly #done = new WeakMap<object, AskedAt<'autofix'>>();
  readonly #undoes = new WeakSet<object>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Asks the table only: to save work that would be refused anyway. Counts as no refusal, and lets nobody through. */
  look<D extends Door>(door: D, context: DoorContexts[D]): Look {
    const asked = readAsked(door, context);
    return typeof asked === 'string' ? refusalFor(asked) : this.#look(asked);
  }

  /** Allows with a pass, or refuses with the cause; a refusal is counted. Never throws. */
  async admit<D extends Door>(door: D, context: DoorContexts[D]): Promise<Admitted<D> | Refusal> {
    const asked = readAsked(door, context);
    if (typeof asked === 'string') {
      const known = asked === 'unknown_door' ? 'unknown' : door;
      return this.#refuse(refusalFor(asked), known, callerOf(context));
    }
    const shut = this.#look(asked);
    const refusal = shut.allow ? await this.#further(asked) : shut;
    if (refusal !== undefined) return this.#refuse(refusal, door, asked.context.caller);
    const pass = Object.freeze({}) as Pass<D>;
    this.#issued.set(pass, asked);
    return { allow: true, pass };
  }

  /**
   * Takes a pass at the deed; answers what it was asked for. Throws KORA_ADMISSION_DENIED for one that is forged, of
   * another door or used, and when the door closed since.
   */
  redeem<D extends Door>(pass: Pass<D>, door: D): DoorContexts[D] {
    const asked = this.#issued.get(pass);
    if (asked === undefined) throw denied(door, 'invalid_context', 'the pass is forged or used');
    this.#issued.delete(pass);
    if (asked.door !== door) throw denied(door, 'invalid_context', `the pass is for ${asked.door}`);
    const shut = this.#look(asked);
    if (!shut.allow) {
      this.#refuse(shut, door, asked.context.caller);
      this.#giveBack(asked);
      throw denied(door, shut.cause, shut.cause);
    }
    if (asked.door === 'autofix' && !this.#undoes.has(pass)) this.#done.set(pass, asked);
    return (asked as AskedAt<D>).context;
  }

  /**
   * Leave to take back, once, what was done with this pass: who let a fix through let through its undoing, so that the
   * capability is not asked again. The table is, here and when the pass is redeemed. Never throws.
   */
  undo(pass: Pass<'autofix'>): Admitted<'autofix'> | Refusal {
    const asked = this.#done.get(pass);
    if (asked === undefined) return this.#refuse(refusalFor('invalid_context'), 'autofix', 'unknown');
    this.#done.delete(pass);
    const shut = this.#look(asked);
    if (!shut.allow) return this.#refuse(shut, 'autofix', asked.context.caller);
    const leave = Object.freeze({}) as Pass<'autofix'>;
    this.#issued.set(leave, asked);
    this.#undoes.add(leave);
    return { allow: true, pass: leave };
  }

  #look(asked: Asked): Look {
    try {
      const { inputs, derived } = this.#options.state();
      const blocked = blockedBy(asked.line, inputs, () => this.#holds(asked));
      if (blocked !== undefined) return blocked;
      if (asked.door === 'claim' && derived.claimPermission !== 'normal') {
        // Only what the state calls `critical_only` lets critical work through; whatever else it may say does not.
        if (derived.claimPermission !== 'critical_only' || !asked.context.critical)
          return refusalFor('critical_only');
      }
      return this.#lockedFor(asked) ? refusalFor('credentials_locked') : open;
    } catch (error) {
      this.#options.onError('admission', error);
      return refusalFor('invalid_context');
    }
  }

  #holds(asked: Asked): boolean {
    const claim = claimOf(asked);
    return claim !== undefined && this.#options.holdsClaim(claim);
  }

  #lockedFor({ door, line }: Asked): boolean {
    if (!needsSecrets.has(door) && line !== 'outbound_message_others') return false;
    return this.#options.locked?.() ?? false;
  }

  /** After the table: the budget, or the capability; and the table again, for what it said while they were asked. */
  async #further(asked: Asked): Promise<Refusal | undefined> {
    const refusal = await this.#ports(asked);
    if (refusal !== undefined) return refusal;
    const shut = this.#look(asked);
    if (shut.allow) return undefined;
    this.#giveBack(asked);
    return shut;
  }

  async #ports(asked: Asked): Promise<Refusal | undefined> {
    try {
      switch (asked.door) {
        case 'model_call':
          return await this.#budget(asked.context);
        case 'tool_call':
          return await this.#capability(asked.context, `tool:${asked.context.tool}`);
        case 'mcp_call':
          return await this.#capability(asked.context, `tool:${asked.context.tool}`);
        case 'autofix':
          return await this.#capability(asked.context, `fix:${asked.context.fix}`);
        case 'outbound_message':
          return asked.context.to === 'others'
            ? await this.#capability(asked.context, `channel:${asked.context.channel}`)
            : undefined;
        default:
          return undefined;
      }
    } catch (error) {
      if (isStoreAway(error)) return refusalFor('store_away');
      this.#options.onError(`admission ${asked.door}`, error);
      return refusalFor(asked.door === 'model_call' ? 'budget_unknown' : 'invalid_context');
    }
  }

  async #budget(request: DoorContexts['model_call']): Promise<Refusal | undefined> {
    const { estimateMicroUsd } = request;
    if (!Number.isSafeInteger(estimateMicroUsd) || estimateMicroUsd < 0) return refusalFor('budget_unknown');
    // A port that answers nonsense has not said yes.
    const answer: Readonly<Record<string, unknown>> = await this.#options.budget.reserve(request);
    if (answer['ok'] === true) return undefined;
    const cause = boundCauses.find((each) => each === answer['cause']);
    const { scope } = answer;
    if (cause === undefined) return refusalFor('budget_unknown');
    return typeof scope === 'string' ? { ...refusalFor(cause), scope } : refusalFor(cause);
  }

  /** `what` says at which door: leave to use a tool is none to write to a channel of the same name. */
  async #capability(call: GatedCall, what: string): Promise<Refusal | undefined> {
    const answer = await this.#options.capabilities.check({ ...call, what });
    if (answer.verdict === 'granted') return undefined;
    if (answer.verdict === 'ask') return { ...refusalFor('approval_pending'), approvalId: answer.approvalId };
    return refusalFor(answer.cause);
  }

  /** A reservation of a call that was refused after all: nobody will ever settle it. */
  #giveBack(asked: Asked): void {
    const { budget, onError } = this.#options;
    if (asked.door !== 'model_call' || budget.release === undefined) return;
    budget.release(asked.context.callId).catch((error: unknown) => onError('admission release', error));
  }

  #refuse(refusal: Refusal, door: Door | 'unknown', caller: string): Refusal {
    this.#options.refused.refused({ door, cause: refusal.cause, caller });
    return refusal;
  }
}

function denied(door: Door, cause: DenyCause, why: string): Error {
  return fault('KORA_ADMISSION_DENIED', `${door} may not go on: ${why}`, {
    fix: 'kora status',
    details: { door, cause },
  });
}
