import { createHash } from 'node:crypto';
import type { Admission, DoorContexts, Refusal } from '../admission/index.ts';
import { canonicalJson, draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, KoraError } from '../fault/index.ts';
import type { Database } from '../store/index.ts';
import { refuseForGood, wordsOf } from './asked.ts';
import { mcpTools } from './contract.ts';
import type {
  McpCall,
  McpCaller,
  McpContext,
  McpInputs,
  McpServerSeen,
  McpTool,
  McpTurnedAway,
} from './contract.ts';
import { tokenRefused, toolCalled } from './events.ts';
import { PerMinute } from './per-minute.ts';
import { findToken, mcpActor, noteUse } from './tokens.ts';

/** Whom a deed is done for. */
export interface McpDoer {
  readonly name: string;
  readonly actorId: string;
  /** In whose name it works tickets; null where it may not. */
  readonly workerTokenId: number | null;
}

/** What the house does for whoever may ask, by tool. None of them asks about leave: the desk did. */
export type McpDeedTable = {
  readonly [Tool in McpTool]: (doer: McpDoer, input: McpInputs[Tool]) => Promise<object>;
};

export interface McpDeeds {
  carryOut<Tool extends McpTool>(tool: Tool, doer: McpDoer, input: McpInputs[Tool]): Promise<object>;
}

export interface McpDeskOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  readonly leave: {
    isGranted(caller: string, capability: string): Promise<boolean>;
  };
  readonly deeds: McpDeeds;
  readonly record: (event: EventDraft) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
  /** Calls of one name in a minute; default 300. */
  readonly mostPerMinute?: number;
}

const callsPerMinute = 300;
/** Tokens that are not good are told by their number and why, and no more often than this. */
const mostRefusalsTold = 100;

/**
 * Where programs outside ask. Each shows a token with every call; whose it is is read anew, what it may is the door's to
 * say, and how each call ended is an event. Nothing that was said in a call is kept but the names of its arguments.
 */
export class McpDesk implements McpContext {
  readonly #options: McpDeskOptions;
  readonly #calls: PerMinute;
  readonly #refusals: PerMinute;
  #servers: readonly McpServerSeen[] = [];

  constructor(options: McpDeskOptions) {
    this.#options = options;
    this.#calls = new PerMinute(options.clock);
    this.#refusals = new PerMinute(options.clock);
  }

  /** Throws KORA_AUTH_MISSING where it is not good; the log says why, the answer does not. */
  async caller(token: string): Promise<McpCaller> {
    const { workerTokenId: _worker, ...caller } = await this.#identify(token);
    return { ...caller, tools: await this.#offered(caller.actorId) };
  }

  async call<Tool extends McpTool>(
    token: string,
    call: McpCall<Tool>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { clock } = this.#options;
    const caller = await this.#identify(token);
    const begun = clock.monotonic();
    const given = Object.entries(call.input).filter(([, value]) => value !== undefined);
    const asked = { tool: call.tool, argumentNames: call.argumentNames ?? given.map(([name]) => name) };
    const ended = (outcome: 'ok' | 'refused' | 'failed', code?: string): Promise<void> =>
      this.#tell(caller, asked, { outcome, code, durationMs: clock.monotonic() - begun });
    try {
      this.#count(caller);
      const answer = await this.#carryOut(caller, call);
      await ended('ok');
      return answer as Readonly<Record<string, unknown>>;
    } catch (error) {
      if (!isFloodOn(error)) await ended(isRefusal(error) ? 'refused' : 'failed', codeOf(error));
      throw error;
    }
  }

  async turnedAway(token: string, call: McpTurnedAway): Promise<void> {
    const caller = await this.#identify(token);
    let code = call.tool === undefined ? 'KORA_TOOL_UNKNOWN' : 'KORA_REQUEST_INVALID';
    try {
      this.#count(caller);
    } catch (error) {
      if (isFloodOn(error)) return;
      code = codeOf(error);
    }
    await this.#tell(caller, call, { outcome: 'refused', code, durationMs: 0 });
  }

  async showServers(servers: readonly McpServerSeen[]): Promise<void> {
    this.#servers = servers;
  }

  /** The MCP servers that are asked, as they were seen last. */
  servers(): readonly McpServerSeen[] {
    return this.#servers;
  }

  /** Throws KORA_MCP_TOO_MANY. */
  #count({ actorId }: McpDoer): void {
    const used = this.#calls.count(actorId);
    const most = this.#options.mostPerMinute ?? callsPerMinute;
    if (used > most) throw tooMany(most, used === most + 1);
  }

  async #identify(token: string): Promise<Omit<McpCaller, 'tools'> & McpDoer> {
    const { database, workspaceId } = this.#options;
    const found = await findToken(database, workspaceId, token);
    if (found === undefined) throw await this.#refused('unknown');
    if (found.why !== null) throw await this.#refused(found.why, found);
    const { keyId, name, expiresAt, workerTokenId } = found;
    await noteUse(database, workspaceId, keyId);
    return { keyId, name, actorId: mcpActor(name), expiresAt, workerTokenId };
  }

  async #offered(actorId: string): Promise<McpTool[]> {
    const { leave } = this.#options;
    const tools = Object.entries(mcpTools) as [McpTool, (typeof mcpTools)[McpTool]][];
    const granted = await Promise.all(
      tools.map(([, { capability }]) => leave.isGranted(actorId, capability)),
    );
    return tools.filter((_, at) => granted[at]).map(([tool]) => tool);
  }

  /** Asks the door for this very call, and does it with what it was given. Throws KORA_ADMISSION_DENIED. */
  async #carryOut<Tool extends McpTool>(
    caller: McpDoer,
    { tool, input, approvalId }: McpCall<Tool>,
  ): Promise<object> {
    const { name, actorId } = caller;
    const { admission, deeds } = this.#options;
    const { capability, purpose } = mcpTools[tool];
    refuseForGood(tool, input);
    const reason = wordsOf(input);
    const context: DoorContexts['mcp_call'] = {
      caller: actorId,
      callId: `${actorId}:${this.#options.clock.uuid()}`,
      capability,
      tool,
      purpose,
      argumentsHash: createHash('sha256').update(canonicalJson(input)).digest('hex'),
      ...(reason === undefined ? {} : { reason }),
      ...(approvalId === undefined ? {} : { approvalId }),
    };
    const leave = await admission.admit('mcp_call', context);
    if (!leave.allow) throw denied(leave, tool, capability, name);
    admission.redeem(leave.pass, 'mcp_call');
    return deeds.carryOut(tool, caller, input);
  }

  async #tell(
    { name, keyId, actorId }: { readonly name: string; readonly keyId: number; readonly actorId: string },
    { tool, argumentNames }: McpTurnedAway,
    end: {
      readonly outcome: 'ok' | 'refused' | 'failed';
      readonly code?: string | undefined;
      readonly durationMs: number;
    },
  ): Promise<void> {
    const payload = {
      tool: tool ?? 'unknown',
      caller: name,
      key_id: keyId,
      outcome: end.outcome,
      ...(end.code === undefined ? {} : { code: end.code }),
      argument_names: [...argumentNames].sort(),
      duration_ms: Math.max(0, Math.round(end.durationMs)),
    };
    const { record, onError } = this.#options;
    await record(draft(toolCalled, payload, { actorId })).catch((error: unknown) =>
      onError('mcp call', error),
    );
  }

  async #refused(
    why: 'unknown' | 'expired' | 'revoked',
    token?: { readonly keyId: number; readonly name: string },
  ): Promise<Error> {
    const { record, onError } = this.#options;
    const isFirst = this.#refusals.count(`${why} ${token?.keyId ?? ''}`) === 1;
    if (isFirst && this.#refusals.size <= mostRefusalsTold) {
      const whose = token === undefined ? {} : { key_id: token.keyId, caller: token.name };
      await record(draft(tokenRefused, { why, ...whose })).catch((error: unknown) =>
        onError('mcp token', error),
      );
    }
    return fault('KORA_AUTH_MISSING', 'no valid token of an MCP caller came with the request', {
      fix: 'kora mcp token add NAME --grant read_runtime',
    });
  }
}

function denied({ cause, approvalId }: Refusal, tool: string, capability: string, name: string): Error {
  const mends: Readonly<Record<string, string>> = {
    capability_denied: `kora capability grant ${capability} --to mcp:${name}`,
    approval_refused: `kora capability grant ${capability} --to mcp:${name}`,
    approval_pending: `kora approve ${approvalId}`,
  };
  return fault('KORA_ADMISSION_DENIED', `${tool} may not be called now: ${cause}`, {
    fix: mends[cause] ?? 'kora status',
    details: { door: 'mcp_call', cause, ...(approvalId === undefined ? {} : { approvalId }) },
  });
}

/** One refusal in a flood is told; the rest would be a flood on the chain. */
function tooMany(most: number, isFirst: boolean): Error {
  return fault('KORA_MCP_TOO_MANY', `more than ${most} calls in a minute; wait for the next one`, {
    details: { told: isFirst },
  });
}

function isFloodOn(error: unknown): boolean {
  return error instanceof KoraError && error.code === 'KORA_MCP_TOO_MANY' && error.details['told'] !== true;
}

const refusals: readonly string[] = [
  'KORA_ADMISSION_DENIED',
  'KORA_MCP_TOO_MANY',
  'KORA_MCP_NOT_WORKER',
  'KORA_STOP_REFUSED',
  'KORA_OPERATION_REFUSED',
  'KORA_WORKER_KIND',
  'KORA_TICKET_STALE_FENCE',
  'KORA_TICKET_INVALID',
  'KORA_HOLD_UNKNOWN',
];

/** Said no, in contrast to what broke. */
function isRefusal(error: unknown): boolean {
  return error instanceof KoraError && refusals.includes(error.code);
}

function codeOf(error: unknown): string {
  if (!(error instanceof KoraError)) return 'KORA_INTERNAL';
  const { cause } = error.details;
  return error.code === 'KORA_ADMISSION_DENIED' && typeof cause === 'string' ? cause : error.code;
}
