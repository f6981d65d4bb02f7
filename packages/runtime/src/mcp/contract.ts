/** What a tool does to the house: `observe` reads, `steer` makes it do less or lifts that, `act` changes what it works on. */
type McpPurpose = 'observe' | 'steer' | 'act';

interface McpToolLine {
  readonly capability: string;
  readonly purpose: McpPurpose;
}

const reads = { capability: 'cap_read_runtime', purpose: 'observe' } as const;
const works = { capability: 'cap_ticket_work', purpose: 'act' } as const;

/** Everything a program outside may ask of the house, and the capability that it needs for it. */
export const mcpTools = {
  kora__daemon_status: reads,
  kora__get_operational_state: reads,
  kora__get_health_rollup: reads,
  kora__get_recent_ledger_entries: reads,
  kora__get_recent_chain_events: reads,
  kora__list_active_sea_tickets: reads,
  /** What is read as a resource and is no tool. */
  'resource:status': reads,
  'resource:incidents': reads,
  kora__create_sea_ticket: { capability: 'cap_ticket_create', purpose: 'act' },
  kora__request_pause: { capability: 'cap_pause_request', purpose: 'steer' },
  kora__request_resume: { capability: 'cap_resume_request', purpose: 'steer' },
  kora__request_stop: { capability: 'cap_stop_request', purpose: 'steer' },
  kora__send_message: { capability: 'cap_message_operator', purpose: 'act' },
  kora__send_test_alert: { capability: 'cap_alert_test', purpose: 'act' },
  kora__claim_sea_ticket: works,
  kora__refresh_claim: works,
  kora__release_claim: works,
  kora__resolve_sea_ticket: works,
  kora__append_event: { capability: 'cap_event_append', purpose: 'act' },
} as const satisfies Readonly<Record<string, McpToolLine>>;

export type McpTool = keyof typeof mcpTools;

/** Who shows a token that is good now. */
export interface McpCaller {
  /** Number of the token: what lists and events call it. */
  readonly keyId: number;
  readonly name: string;
  /** `mcp:` and its name: whose grants, tickets and holds they are. */
  readonly actorId: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** What it is granted; about the others the operator is asked when it calls them. */
  readonly tools: readonly McpTool[];
}

type Severity = 'warning' | 'info';

/** What each tool takes. `approvalId` is the one that a refusal `approval_pending` named. */
export interface McpInputs {
  kora__daemon_status: object;
  kora__get_operational_state: object;
  kora__get_health_rollup: object;
  kora__get_recent_ledger_entries: { readonly limit: number; readonly ticketId?: number | undefined };
  kora__get_recent_chain_events: {
    readonly limit: number;
    /** The beginning of a type. */
    readonly type?: string | undefined;
    readonly ticketId?: number | undefined;
    readonly before?: number | undefined;
    readonly after?: number | undefined;
    readonly order?: 'asc' | 'desc' | undefined;
  };
  kora__list_active_sea_tickets: { readonly limit: number };
  'resource:status': object;
  'resource:incidents': object;
  kora__create_sea_ticket: {
    readonly title: string;
    readonly objective: string;
    readonly kind: string;
    readonly priority: 'high' | 'normal' | 'low';
    readonly payload: Readonly<Record<string, unknown>>;
    /** The same key of the same caller is one ticket. */
    readonly key?: string | undefined;
  };
  kora__request_pause: { readonly reason: string; readonly forMs?: number | undefined };
  kora__request_resume: { readonly reason: string };
  kora__request_stop: {
    readonly level: number;
    readonly reason: string;
    readonly forMs?: number | undefined;
  };
  kora__send_message: {
    readonly title: string;
    readonly body: string;
    readonly severity: Severity;
    readonly key?: string | undefined;
  };
  kora__send_test_alert: object;
  kora__claim_sea_ticket: {
    readonly session?: string | undefined;
    readonly kinds?: readonly string[] | undefined;
    readonly limit: number;
    readonly ticketId?: number | undefined;
    readonly deadlineMs: number;
  };
  kora__refresh_claim: { readonly claims: readonly string[] };
  kora__release_claim: { readonly claim: string; readonly reason: string };
  kora__resolve_sea_ticket: {
    readonly claim: string;
    readonly resolution:
      | 'completed'
      | 'failed_retryable'
      | 'failed_terminal'
      | 'blocked_needs_operator'
      | 'released';
    readonly summary: string;
    readonly result?: Readonly<Record<string, unknown>> | undefined;
    readonly retryAfterMs?: number | undefined;
  };
  kora__append_event: {
    readonly claim: string;
    readonly name: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

export interface McpCall<Tool extends McpTool> {
  readonly tool: Tool;
  readonly input: McpInputs[Tool];
  readonly approvalId?: number | undefined;
  /** Names of the arguments as the program wrote them, for the log; default those of `input`. */
  readonly argumentNames?: readonly string[] | undefined;
}

/** A call that did not come to be asked: its tool is none of ours, or its arguments do not fit it. */
export interface McpTurnedAway {
  /** Undefined where it named none of ours: then whatever stood there is a stranger's word. */
  readonly tool: McpTool | undefined;
  /** Of the arguments that the tool has; the names of others are a stranger's words too. */
  readonly argumentNames: readonly string[];
}

/** An MCP server that is asked by us, as `kora doctor` tells of it. */
export interface McpServerSeen {
  readonly name: string;
  readonly state: 'unknown' | 'connected' | 'away';
  /** Why it is away. */
  readonly error: string | null;
  /** Tools that wait for the operator's approval. */
  readonly held: number;
}

/** For the plugin that speaks MCP: what programs outside ask of the house, each in the name of the token it shows. */
export interface McpContext {
  /** Whose token it is. Throws KORA_AUTH_MISSING, in the same words for every token that is not good now. */
  caller(token: string): Promise<McpCaller>;
  /**
   * Asks the door in the caller's name, does it, and records the call with how it ended. Throws KORA_ADMISSION_DENIED with
   * its cause and what mends it, KORA_MCP_TOO_MANY, and what the deed throws.
   */
  call<Tool extends McpTool>(token: string, call: McpCall<Tool>): Promise<Readonly<Record<string, unknown>>>;
  /** Records a call that the protocol refused before it could be asked; it counts as a call of its caller. */
  turnedAway(token: string, call: McpTurnedAway): Promise<void>;
  /** How the servers are that are asked; what is said last counts. */
  showServers(servers: readonly McpServerSeen[]): Promise<void>;
}
