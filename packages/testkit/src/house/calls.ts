import { fault, ownCapabilities } from '@kora/runtime/testkit';
import type {
  ApprovalStatus,
  CallAnswer,
  CallRequest,
  CapabilitySpec,
  Registration,
} from '@kora/runtime/plugin';
import type { CallScript, MadeCall } from '../contract.ts';
import { dollars } from './diary.ts';
import type { Diary } from './diary.ts';
import { Named } from './named.ts';

export interface Approval {
  readonly approvalId: number;
  readonly capability: string;
  readonly reason: string | null;
  status: ApprovalStatus;
  /** Who waits for the operator's word. */
  readonly waiting: (() => void)[];
}

interface Made extends MadeCall {
  costMicroUsd: number | null;
}

type Gated = Exclude<CallRequest, { readonly door: 'model_call' }>;

/** The doors a plugin asks at, with an operator whose word a test gives. Nothing leaves the process by them. */
export class Calls {
  readonly made: Made[] = [];
  readonly approvals: Approval[] = [];
  readonly capabilities: Named<CapabilitySpec> = new Named('capability', 'KORA_CAPABILITY_TAKEN');
  readonly #grants: Set<string>;
  readonly #script: CallScript | undefined;
  readonly #diary: Diary;

  constructor(diary: Diary, script: CallScript | undefined, grants: readonly string[]) {
    this.#diary = diary;
    this.#script = script;
    this.#grants = new Set(grants);
  }

  grant(capability: string): void {
    this.#grants.add(capability);
  }

  register(capability: CapabilitySpec): Registration {
    if (!/^cap_[a-z][a-z0-9_]{2,60}$/.test(capability.id))
      throw fault('KORA_PLUGIN_INVALID', `"${capability.id}" is not the id of a capability`);
    return this.capabilities.hold(capability.id, capability);
  }

  admit(request: CallRequest): CallAnswer {
    const answer = this.#script?.(request) ?? this.#judge(request);
    this.made.push({ request, answer, costMicroUsd: null });
    const words = answer.allow ? 'let through' : `refused (${answer.cause})`;
    this.#diary.tell('decision', `${request.door} ${whatOf(request)}: ${words}`);
    return answer;
  }

  /** A model's call of a tool, as the house asks the door about it. */
  admitTool(asked: Omit<Extract<CallRequest, { readonly door: 'tool_call' }>, 'door'>): CallAnswer {
    return this.admit({ door: 'tool_call', ...asked });
  }

  isMapped(capability: string): boolean {
    return this.#known(capability) !== undefined;
  }

  isAsked(capability: string): boolean {
    return this.#known(capability)?.defaultVerdict === 'ask';
  }

  isGranted(capability: string): boolean {
    return this.#grants.has(capability);
  }

  /** Without a cost it is what was estimated: nobody prices tokens here. */
  settle(callId: string, cost: number | undefined): void {
    const costMicroUsd = cost ?? this.#estimateOf(callId);
    if (!Number.isSafeInteger(costMicroUsd) || costMicroUsd < 0)
      throw fault('KORA_SPEND_INVALID', `a call cannot have cost ${costMicroUsd} micro-dollars`);
    const call = this.made.find(
      ({ request, answer }) => request.callId === callId && request.door === 'model_call' && answer.allow,
    );
    if (call === undefined)
      throw fault('KORA_SPEND_CALL_UNKNOWN', `no model call ${callId} of this plugin was let through`);
    // Once: a second word about the same call changes nothing.
    if (call.costMicroUsd !== null) return;
    call.costMicroUsd = costMicroUsd;
    this.#diary.spentMicroUsd += costMicroUsd;
    this.#diary.tell('cost', `${dollars(costMicroUsd)} for ${callId}`);
  }

  #estimateOf(callId: string): number {
    const requests = this.made.map(({ request }) => request);
    const found = requests.find((request) => request.callId === callId && request.door === 'model_call');
    return found?.door === 'model_call' ? found.estimateMicroUsd : 0;
  }

  /** The operator's answer. Throws KORA_APPROVAL_UNKNOWN, KORA_APPROVAL_DECIDED. */
  decide(approvalId: number, status: 'approved' | 'refused'): void {
    const approval = this.#approval(approvalId);
    if (approval.status !== 'pending')
      throw fault('KORA_APPROVAL_DECIDED', `approval ${approvalId} is ${approval.status}`);
    approval.status = status;
    for (const wake of approval.waiting.splice(0)) wake();
  }

  async wait(approvalId: number, signal: AbortSignal | undefined): Promise<ApprovalStatus> {
    const approval = this.#approval(approvalId);
    if (approval.status !== 'pending' || signal?.aborted === true) return approval.status;
    await new Promise<void>((resolve) => {
      approval.waiting.push(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
    return approval.status;
  }

  #judge(request: CallRequest): CallAnswer {
    if (request.door === 'model_call') return { allow: true };
    const { capability } = request;
    if (this.#grants.has(capability)) return { allow: true };
    const known = this.#known(capability);
    if (known === undefined) return refused('capability_unmapped');
    if (known.defaultVerdict === 'denied') return refused('capability_denied');
    return this.#ask(request);
  }

  /** The plugin's own, or one of the runtime's. */
  #known(capability: string): CapabilitySpec | undefined {
    return this.capabilities.get(capability) ?? ownCapabilities.find(({ id }) => id === capability);
  }

  #ask(request: Gated): CallAnswer {
    const asked = this.approvals.find(({ approvalId }) => approvalId === request.approvalId);
    if (asked?.status === 'approved') {
      asked.status = 'used';
      return { allow: true };
    }
    if (asked?.status === 'refused') return refused('approval_refused');
    const approvalId = this.approvals.length + 1;
    const { capability, reason = null } = request;
    this.approvals.push({ approvalId, capability, reason, status: 'pending', waiting: [] });
    return { ...refused('approval_pending'), approvalId };
  }

  #approval(approvalId: number): Approval {
    const found = this.approvals.find((approval) => approval.approvalId === approvalId);
    if (found === undefined) throw fault('KORA_APPROVAL_UNKNOWN', `there is no approval ${approvalId}`);
    return found;
  }
}

type Cause = Extract<CallAnswer, { readonly allow: false }>['cause'];

function refused(cause: Cause): Extract<CallAnswer, { readonly allow: false }> {
  return { allow: false, blockKind: 'capability', cause };
}

function whatOf(request: CallRequest): string {
  if (request.door === 'model_call') return request.route;
  if (request.door === 'tool_call') return request.tool;
  return request.door === 'autofix' ? request.fix : request.channel;
}
