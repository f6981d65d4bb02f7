import type { GateFacts } from './gate.ts';

export type StandardGateId =
  | '1_configuration'
  | '2_credential_rule'
  | '3_schema_version'
  | '3b_epoch'
  | '4_role'
  | '5_chain_head'
  | '6_tokens'
  | '7_canonical_actor'
  | '8_capability_matrix'
  | '9_cost_state'
  | '10_smoke';

/** The runtime's own gates as they are known before anything stands: what /readyz lists from the first moment. */
export const gateFacts: readonly (GateFacts & { readonly gateId: StandardGateId })[] = [
  {
    gateId: '1_configuration',
    title: 'Configuration valid, home writable and held',
    gateClass: 'invariant',
    deadlineMs: 5_000,
  },
  {
    gateId: '2_credential_rule',
    title: 'One credential for each configured provider',
    gateClass: 'invariant',
    deadlineMs: 1_000,
  },
  {
    gateId: '3_schema_version',
    title: 'Database schema is this build’s, or newer and safe',
    gateClass: 'invariant',
    deadlineMs: 10_000,
    reason: 'migration',
  },
  {
    gateId: '3b_epoch',
    title: 'The store is in the epoch this home accepted last',
    gateClass: 'invariant_pause',
    deadlineMs: 5_000,
    reason: 'substrate',
  },
  {
    gateId: '4_role',
    title: 'The role can append and is refused changes to the event log',
    gateClass: 'transient',
    deadlineMs: 10_000,
    reason: 'dispatch',
  },
  {
    gateId: '5_chain_head',
    title: 'The last checkpoint is signed, and the events since verify up to the head',
    gateClass: 'invariant_pause',
    deadlineMs: 30_000,
    reason: 'substrate',
  },
  {
    gateId: '6_tokens',
    title: 'The services of the configured tokens take them',
    gateClass: 'transient',
    deadlineMs: 10_000,
    reason: 'token_expiring',
  },
  {
    gateId: '7_canonical_actor',
    title: 'The workspace has its active kora actor',
    gateClass: 'invariant',
    deadlineMs: 5_000,
  },
  {
    gateId: '8_capability_matrix',
    title: 'The capability matrix and the grants load',
    gateClass: 'transient',
    deadlineMs: 5_000,
    reason: 'substrate',
  },
  {
    gateId: '9_cost_state',
    title: 'The spend journal is readable, its pool set, its period current',
    gateClass: 'transient',
    deadlineMs: 5_000,
    reason: 'cost',
  },
  {
    gateId: '10_smoke',
    title: 'An event can be staged and read back',
    gateClass: 'invariant',
    deadlineMs: 15_000,
  },
];
