/** Every way out of the house. A new one is a new row of the door table, or it is a leak. */
export const doors = [
  'claim',
  'model_call',
  'tool_call',
  'autofix',
  'periodic_task',
  'outbound_message',
  'plugin_load',
  'panel_action',
  'mcp_call',
] as const;
export type Door = (typeof doors)[number];

/** What kind of thing stands in the way. */
export const blockKinds = ['state', 'stop', 'hold', 'permission', 'budget', 'capability', 'unknown'] as const;
export type BlockKind = (typeof blockKinds)[number];

/** Why a door is closed: the closed list, in answers, events and on the page. */
export const denyCauses = [
  'booting',
  'stopped',
  'stop_l1',
  'stop_l2',
  'stop_l3',
  'stop_l4',
  'stop_l5',
  'operator_hold',
  'cost_hold',
  'dr_hold',
  'chain_hold',
  'critical_only',
  'budget_spent',
  'budget_unknown',
  'budget_paced',
  'capability_denied',
  'capability_unmapped',
  'approval_pending',
  'approval_refused',
  'credentials_locked',
  'store_away',
  'unknown_door',
  'invalid_context',
] as const;
export type DenyCause = (typeof denyCauses)[number];

/** Work whose claim was held before a block may go on under the milder ones. */
export interface HeldClaim {
  readonly ticketId: number;
  readonly fence: number;
}

interface Caller {
  /** A plugin's id, or `kora`. */
  readonly caller: string;
}

export interface Call extends Caller {
  /** Chosen by the caller, unique in the workspace: what is reserved, approved and settled once. */
  readonly callId: string;
  readonly claim?: HeldClaim | undefined;
}

export interface GatedCall extends Call {
  readonly capability: string;
  /** Hex SHA-256 over the arguments: an approval is for this very call. Arguments themselves are never kept. */
  readonly argumentsHash: string;
  /** The approval that a refusal `approval_pending` named. */
  readonly approvalId?: number | undefined;
  /** What the operator reads beside the question, if one must be asked: the caller's word, and no more. */
  readonly reason?: string | undefined;
}

/** What each door wants to know. */
export interface DoorContexts {
  readonly claim: Caller & { readonly kind: string; readonly critical: boolean };
  readonly model_call: Call & {
    readonly route: string;
    readonly estimateMicroUsd: number;
    /** The question it is made for, and by which model. */
    readonly runId?: string | undefined;
    readonly model?: string | undefined;
    /** May draw on what is kept for critical work; the runtime's word, never a plugin's. */
    readonly critical?: boolean | undefined;
  };
  readonly tool_call: GatedCall & { readonly tool: string };
  readonly autofix: GatedCall & { readonly fix: string };
  readonly periodic_task: Caller & { readonly task: string; readonly purpose: 'observe' | 'act' };
  readonly outbound_message: { readonly channel: string } & (
    | (Caller & { readonly to: 'operator' })
    | (GatedCall & { readonly to: 'others' })
  );
  readonly plugin_load: Caller;
  /** What the operator asks of a plugin on one of its panels. */
  readonly panel_action: Caller & {
    readonly panel: string;
    readonly action: string;
    readonly purpose: 'observe' | 'act';
  };
  /** What a program outside asks of the house: `steer` makes it do less, lifts that, or ends work that is held. */
  readonly mcp_call: GatedCall & { readonly tool: string; readonly purpose: 'observe' | 'steer' | 'act' };
}

export interface Refusal {
  readonly allow: false;
  readonly blockKind: BlockKind;
  readonly cause: DenyCause;
  /** For `approval_pending`: which approval the operator was asked for. */
  readonly approvalId?: number | undefined;
  /** For `budget_spent` and `budget_paced`: what had no room, `workspace`, `critical`, `day`, `route`, `plugin`, `ticket`, `pace` or `provider`. */
  readonly scope?: string | undefined;
}

/** Closed, and why. */
export type Look = { readonly allow: true } | Refusal;

/** The doors a plugin may ask at; the others are the runtime's own. */
export const callDoors = ['model_call', 'tool_call', 'autofix', 'outbound_message'] as const;
export type CallDoor = (typeof callDoors)[number];

interface CallWords {
  /** Unique among the plugin's calls. */
  readonly callId: string;
  /** The ticket in whose handler the call is made, as it was handed over: under a mild stop, work in hand may go on. */
  readonly claim?: HeldClaim | undefined;
}

interface GatedWords extends CallWords {
  readonly capability: string;
  /** Hex SHA-256 over the arguments. */
  readonly argumentsHash: string;
  readonly approvalId?: number | undefined;
  /** Why it is wanted, for the operator to read; at most 1 000 characters. */
  readonly reason?: string | undefined;
}

/** What a plugin asks. Its name is not in it: the runtime knows that, and whether it holds the claim. */
export type CallRequest =
  | (CallWords & { readonly door: 'model_call'; readonly route: string; readonly estimateMicroUsd: number })
  | (GatedWords & { readonly door: 'tool_call'; readonly tool: string })
  | (GatedWords & { readonly door: 'autofix'; readonly fix: string })
  | (GatedWords & { readonly door: 'outbound_message'; readonly channel: string });

export type CallAnswer = Look;
