import type { ReasonRoute } from '../route/contract.ts';

/**
 * What is never trimmed, whatever was proposed, approved or stored: on every route the way to tell the operator and to see
 * how the house stands.
 */
const everywhere: readonly string[] = [
  'kora__send_message_to_operator',
  'kora__get_operational_state',
  'kora__get_health_rollup',
  'kora__get_snapshot',
];

/** And on some routes what the route is there for: the ticket that is worked, what broke and what may mend it. */
const onRoute: Readonly<Partial<Record<ReasonRoute, readonly string[]>>> = {
  ticket: ['kora__get_ticket', 'kora__list_active_sea_tickets', 'kora__create_sea_ticket'],
  scheduled_task: ['kora__create_sea_ticket'],
  probe_investigation: [
    'kora__list_probes',
    'kora__get_probe_history',
    'kora__list_incidents',
    'kora__list_probe_fixes',
    'kora__attempt_probe_autofix',
  ],
  alert_investigation: ['kora__list_probes', 'kora__list_incidents', 'kora__get_recent_chain_events'],
};

/** So many are offered at least, where so many are there. */
export const fewestOffered = 4;

/** Whether a tool stays on a route for good. */
export function isOfFloor(route: ReasonRoute, tool: string): boolean {
  return everywhere.includes(tool) || onRoute[route]?.includes(tool) === true;
}
