import type { ReasonRoute } from '../route/contract.ts';

/**
 * What may be advertised on a route. `granted`: whatever whoever asks was granted, and what the operator may be asked about.
 * `guarded`: text of strangers comes in on it, or nobody knows where a question comes from; reading and the message to the
 * operator, and what the operator granted to that very route.
 */
export const routeSets: Readonly<Record<ReasonRoute, 'granted' | 'guarded'>> = {
  slack_dm: 'granted',
  email_inbound: 'guarded',
  email_outbound_compose: 'guarded',
  mcp_tool: 'guarded',
  alert_investigation: 'guarded',
  probe_investigation: 'guarded',
  tool_loop_iteration: 'guarded',
  scheduled_task: 'granted',
  ticket: 'granted',
  cli: 'granted',
  cockpit: 'granted',
  unknown: 'guarded',
};

/** What may be used where strangers speak: it tells nobody but the operator, and changes nothing. */
export const guardedCapabilities: ReadonlySet<string> = new Set(['cap_read_runtime', 'cap_message_operator']);

/** Who asks for tools, from where, and whether text of strangers is part of the question. */
export interface ToolAsker {
  readonly route: ReasonRoute;
  /** The plugin whose engine thinks, or `kora`. */
  readonly caller: string;
  readonly untrusted?: boolean | undefined;
}

/** Whether only the least is offered. */
export function isGuarded({ route, untrusted }: ToolAsker): boolean {
  return untrusted === true || routeSets[route] === 'guarded';
}

/** How the matrix names a route. */
export function routeCaller(route: ReasonRoute): string {
  return `route:${route}`;
}
