import { askApproval } from './asked-approvals.ts';
import { Capabilities } from './capability/index.ts';
import type { ApprovalView, Capability, GrantView, Once } from './capability/index.ts';
import { once } from './control/index.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { House, shape } from './http/index.ts';
import type { PluginOwner } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import type { Scope } from './scope/index.ts';
import { operatorActor } from './workspace/index.ts';

interface CapabilityGround extends Pick<Rooms, 'database' | 'workspace' | 'chain'> {
  /** Found when it is used: messages have their room on a higher floor. */
  readonly apply: () => Rooms['apply'];
}

/** The matrix of this runtime, its questions told through the outbox. */
export async function capabilitiesOf(
  { clock, onError, options }: Ground,
  { database, workspace, chain, apply }: CapabilityGround,
  scope: Scope,
): Promise<Capabilities> {
  const capabilities = new Capabilities({
    database,
    workspaceId: workspace.workspaceId,
    clock,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    record: async (drafts) => void (await chain.append(drafts)),
    ask: (tx, question) => askApproval({ workspace, chain }, apply(), tx, question),
    onError,
  });
  // A check of the gates changes nothing.
  if (options.checkOnly !== true) await capabilities.open(scope);
  return capabilities;
}

type CapabilityAnswers = Pick<
  House,
  'capabilities' | 'grantCapability' | 'revokeGrant' | 'approvals' | 'approval' | 'decideApproval'
>;

/** What may be done, what waits for the operator, and the operator's word on both. */
export function capabilityAnswers({
  capabilities,
  workspace,
}: Pick<Rooms, 'capabilities' | 'workspace'>): CapabilityAnswers {
  const { workspaceId } = workspace;
  const by = operatorActor;
  const onceFor =
    (key: string | undefined, deed: string, wish: object): Once =>
    (tx, work) =>
      once(tx, { workspaceId, key, deed, wish }, work);
  return {
    capabilities: async (query) => ({
      capabilities: capabilities.matrix().map(capabilityView),
      grants: (await capabilities.grants(query)).map(grantView),
    }),
    grantCapability: async ({ idempotencyKey, ...wish }) => {
      const { capability, to, reason, forMs } = wish;
      const grant = { ...to, by, reason, forMs };
      return grantView(await capabilities.grant(capability, grant, onceFor(idempotencyKey, 'grant', wish)));
    },
    revokeGrant: async (grantId, { idempotencyKey, reason }) => {
      const wish = { grantId, reason };
      return grantView(await capabilities.revoke({ ...wish, by }, onceFor(idempotencyKey, 'revoke', wish)));
    },
    approvals: async (query) => (await capabilities.approvals(query)).map(approvalView),
    approval: async (approvalId) => approvalView(await capabilities.approval(approvalId)),
    decideApproval: async (approvalId, verdict, { idempotencyKey, reason }) => {
      const wish = { approvalId, verdict, reason };
      return approvalView(
        await capabilities.decide({ ...wish, by }, onceFor(idempotencyKey, 'decide', wish)),
      );
    },
  };
}

/** As one plugin waits: of approvals about other callers' calls it learns nothing. Throws KORA_APPROVAL_UNKNOWN. */
export async function waitForApproval(
  { capabilities }: Pick<Rooms, 'capabilities'>,
  owner: PluginOwner,
  approvalId: number,
  signal: AbortSignal | undefined,
): Promise<ApprovalView['status']> {
  const { caller } = await capabilities.approval(approvalId);
  if (caller !== owner.id)
    throw fault('KORA_APPROVAL_UNKNOWN', `there is no approval ${approvalId} of ${owner.id}`);
  const seen = await capabilities.wait(approvalId, signal ?? new AbortController().signal);
  return seen?.status ?? 'pending';
}

function capabilityView(capability: Capability): shape.CapabilityRow {
  return { ...capability };
}

function grantView(grant: GrantView): shape.GrantRow {
  return { ...grant };
}

function approvalView(approval: ApprovalView): shape.ApprovalRow {
  return { ...approval };
}
