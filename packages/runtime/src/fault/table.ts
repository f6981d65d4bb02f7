import { KoraError } from './contract.ts';
import type { FaultOptions } from './contract.ts';

/** The one table of process exit codes; SURFACES promises them to scripts and service managers. */
export const exitCodes = {
  ok: 0,
  findings: 1,
  couldNotRun: 2,
  usage: 64,
  unreachable: 69,
  held: 73,
  temporary: 75,
  denied: 77,
  invalid: 78,
  budget: 79,
  stopped: 80,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

interface FaultRow {
  readonly exit: ExitCode;
  /** HTTP status when the API answers with it. */
  readonly status: number;
  /** What it means, for docs/errors.md. */
  readonly means: string;
}

/** Every code the runtime throws. Codes are never reused; docs/errors.md is compared with this table both ways. */
export const faultTable = {
  KORA_CONFIG_INVALID: {
    exit: exitCodes.invalid,
    status: 400,
    means: 'a configuration value has the wrong shape',
  },
  KORA_CONFIG_UNKNOWN_KEY: {
    exit: exitCodes.invalid,
    status: 400,
    means: 'a configuration key is not known',
  },
  KORA_CONFIG_UNREADABLE: {
    exit: exitCodes.invalid,
    status: 500,
    means: 'the configuration file cannot be read',
  },
  KORA_HOME_UNREADABLE: {
    exit: exitCodes.denied,
    status: 500,
    means: 'the home cannot be created, read or written',
  },
  KORA_HOME_LOCKED: { exit: exitCodes.held, status: 409, means: 'another living runtime holds the home' },
  KORA_PORT_TAKEN: { exit: exitCodes.held, status: 409, means: 'another process listens on the port' },
  KORA_STORE_UNREACHABLE: { exit: exitCodes.temporary, status: 503, means: 'the database does not answer' },
  KORA_STORE_REFUSED: {
    exit: exitCodes.invalid,
    status: 500,
    means: 'the database refuses the login or is too old',
  },
  KORA_STORE_FULL: {
    exit: exitCodes.temporary,
    status: 507,
    means: 'the disk of the database is full',
  },
  KORA_STORE_POOLED: {
    exit: exitCodes.temporary,
    status: 503,
    means: 'notifications of the database do not arrive, as behind a transaction pooler; Kora polls',
  },
  KORA_STORE_EMBEDDED: {
    exit: exitCodes.temporary,
    status: 500,
    means: 'the embedded PostgreSQL did not start',
  },
  KORA_STORE_STRANGE: {
    exit: exitCodes.invalid,
    status: 409,
    means: 'this home never saw the store, and it is not empty',
  },
  KORA_STORE_UNFINISHED: {
    exit: exitCodes.invalid,
    status: 409,
    means: 'the store was being moved here and never became complete',
  },
  KORA_STORE_NOT_EMPTY: {
    exit: exitCodes.held,
    status: 409,
    means: 'the database a store should be moved to holds one already',
  },
  KORA_EPOCH_MISMATCH: {
    exit: exitCodes.findings,
    status: 409,
    means: 'the store was restored, rolled back or raised since this home saw it',
  },
  KORA_TRANSFER_DIFFERS: {
    exit: exitCodes.findings,
    status: 500,
    means: 'a moved store is not what its source was',
  },
  KORA_BACKUP_INVALID: {
    exit: exitCodes.invalid,
    status: 400,
    means: 'a backup is incomplete, changed, or not one',
  },
  KORA_BACKUP_TARGET: {
    exit: exitCodes.held,
    status: 409,
    means: 'the folder for a backup or a restored home is in use',
  },
  KORA_MIGRATION_CHANGED: {
    exit: exitCodes.invalid,
    status: 500,
    means: 'an applied migration differs from this build',
  },
  KORA_MIGRATION_FAILED: { exit: exitCodes.invalid, status: 500, means: 'a migration did not apply' },
  KORA_SCHEMA_NEWER: {
    exit: exitCodes.invalid,
    status: 500,
    means: 'a newer build changed the schema in a breaking way',
  },
  KORA_COMMIT_REFUSED: {
    exit: exitCodes.temporary,
    status: 500,
    means: 'the database rolled back instead of committing',
  },
  KORA_NUMBER_UNSAFE: {
    exit: exitCodes.findings,
    status: 500,
    means: 'a 64-bit number of the database is past 2^53',
  },
  KORA_DISPOSE_FAILED: {
    exit: exitCodes.findings,
    status: 500,
    means: 'something opened could not be closed',
  },
  KORA_SEAL_STALE: {
    exit: exitCodes.findings,
    status: 503,
    means: 'events have been staged for more than five seconds and are not on the chain',
  },
  KORA_EVENT_UNKNOWN: {
    exit: exitCodes.findings,
    status: 400,
    means: 'the event type is not in the vocabulary',
  },
  KORA_EVENT_INVALID: {
    exit: exitCodes.findings,
    status: 400,
    means: 'the event payload does not fit its schema',
  },
  KORA_EVENT_TYPE_TAKEN: {
    exit: exitCodes.findings,
    status: 409,
    means: 'two owners declare the same event type',
  },
  KORA_CHECKPOINT_KEY: {
    exit: exitCodes.invalid,
    status: 500,
    means: 'a checkpoint key cannot be read or is not Ed25519',
  },
  KORA_CHECKPOINT_FILE: {
    exit: exitCodes.findings,
    status: 500,
    means: 'the file of checkpoints cannot be written or read',
  },
  KORA_CHECKPOINT_UNPROVEN: {
    exit: exitCodes.findings,
    status: 409,
    means: 'the newest events do not prove, so nothing was signed',
  },
  KORA_ANCHOR_FAILED: {
    exit: exitCodes.temporary,
    status: 502,
    means: 'an anchor did not take the newest checkpoint',
  },
  KORA_EVENT_ABSENT: {
    exit: exitCodes.findings,
    status: 404,
    means: 'there is no event of that sequence',
  },
  KORA_REDACT_REFUSED: {
    exit: exitCodes.findings,
    status: 409,
    means: 'the body of that event cannot be taken away',
  },
  KORA_PRUNE_REFUSED: {
    exit: exitCodes.findings,
    status: 409,
    means: 'the log cannot be pruned up to there',
  },
  KORA_SPOOL_FULL: {
    exit: exitCodes.temporary,
    status: 507,
    means: 'the store is away, and the file that keeps events for it takes no more',
  },
  KORA_CONSUMER_TAKEN: {
    exit: exitCodes.findings,
    status: 409,
    means: 'a subscription of that name exists already',
  },
  KORA_CONSUMER_UNKNOWN: {
    exit: exitCodes.findings,
    status: 404,
    means: 'there is no subscription of that name',
  },
  KORA_CONSUMER_RUNNING: {
    exit: exitCodes.findings,
    status: 409,
    means: 'a subscription that is to be forgotten still runs',
  },
  KORA_PARKED_UNKNOWN: {
    exit: exitCodes.findings,
    status: 404,
    means: 'the consumer has not parked that event',
  },
  KORA_SUBSCRIPTION_INVALID: {
    exit: exitCodes.findings,
    status: 400,
    means: 'a subscription asks for a start, deadline or batch that cannot be',
  },
  KORA_STATE_EMIT: {
    exit: exitCodes.temporary,
    status: 500,
    means: 'a state transition could not be recorded',
  },
  KORA_STATE_CAUSE: {
    exit: exitCodes.findings,
    status: 500,
    means: 'a cause tried to change the state in a way that is not its own',
  },
  KORA_STOP_REFUSED: {
    exit: exitCodes.denied,
    status: 403,
    means: 'this issuer may not give this stop command',
  },
  KORA_STOPPED: {
    exit: exitCodes.stopped,
    status: 503,
    means: 'a stop of level 4 or 5 ended the process while it was starting',
  },
  KORA_CREDENTIALS_LOCKED: {
    exit: exitCodes.denied,
    status: 423,
    means: 'a stop of level 5 is in force: secrets of services stay out of reach until the operator resumes',
  },
  KORA_BOOT_FAILED: { exit: exitCodes.findings, status: 503, means: 'a boot gate said no' },
  KORA_BOOT_EXHAUSTED: {
    exit: exitCodes.temporary,
    status: 503,
    means: 'a transient boot gate never passed',
  },
  KORA_ADMISSION_DENIED: { exit: exitCodes.findings, status: 409, means: 'the operational state forbids it' },
  KORA_SPEND_INVALID: { exit: exitCodes.findings, status: 400, means: 'an amount of money that cannot be' },
  KORA_SPEND_CALL_UNKNOWN: {
    exit: exitCodes.findings,
    status: 404,
    means: 'nothing was reserved for that call, or another caller reserved it',
  },
  KORA_SPEND_SETTLED: {
    exit: exitCodes.findings,
    status: 409,
    means: 'a reservation that is to be released was settled',
  },
  KORA_SPEND_NO_POOL: {
    exit: exitCodes.temporary,
    status: 503,
    means: 'no runtime has said what the workspace may spend',
  },
  KORA_DAEMON_DUPLICATE: {
    exit: exitCodes.findings,
    status: 409,
    means: 'two plugins declare one daemon name',
  },
  KORA_DAEMON_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no daemon of that name' },
  KORA_DAEMON_START: { exit: exitCodes.findings, status: 500, means: 'a daemon did not start' },
  KORA_DAEMON_DEPENDS: {
    exit: exitCodes.findings,
    status: 500,
    means: 'daemons depend on each other in a circle or on none',
  },
  KORA_TASK_DUPLICATE: { exit: exitCodes.findings, status: 409, means: 'two plugins declare one task name' },
  KORA_TASK_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no task of that name' },
  KORA_TASK_CADENCE: { exit: exitCodes.findings, status: 400, means: 'a cadence does not parse' },
  KORA_TIMEOUT: { exit: exitCodes.temporary, status: 504, means: 'a deadline passed' },
  KORA_TICKET_INVALID: {
    exit: exitCodes.usage,
    status: 400,
    means: 'a ticket field or payload is not valid',
  },
  KORA_TICKET_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no ticket of that id' },
  KORA_TICKET_STALE_FENCE: {
    exit: exitCodes.findings,
    status: 409,
    means: 'a write came from a holder that lost its lease',
  },
  KORA_TICKET_HANDLER_TAKEN: {
    exit: exitCodes.findings,
    status: 409,
    means: 'two plugins handle one ticket kind',
  },
  KORA_OPERATION_INVALID: {
    exit: exitCodes.usage,
    status: 400,
    means: 'an operation of a ticket is described in a way the ledger cannot keep',
  },
  KORA_OPERATION_CHANGED: {
    exit: exitCodes.findings,
    status: 409,
    means: 'an operation is asked for under an id that another request has',
  },
  KORA_OPERATION_UNKNOWN: {
    exit: exitCodes.findings,
    status: 409,
    means: 'an operation that may happen once was begun, and nobody knows whether it happened',
  },
  KORA_OPERATION_STATE: {
    exit: exitCodes.findings,
    status: 409,
    means: 'an operation is not where this step of it begins: another has moved it',
  },
  KORA_OPERATION_RESULT: {
    exit: exitCodes.findings,
    status: 409,
    means: 'an operation happened, and what it answered could not be kept',
  },
  KORA_OPERATION_REFUSED: {
    exit: exitCodes.findings,
    status: 409,
    means: 'the other side refused an operation: it did not happen',
  },
  KORA_CHANNEL_DUPLICATE: { exit: exitCodes.findings, status: 409, means: 'two plugins declare one channel' },
  KORA_CHANNEL_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no channel of that name' },
  KORA_PROBE_DUPLICATE: { exit: exitCodes.findings, status: 409, means: 'two probes share one name' },
  KORA_PROBE_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no probe of that name' },
  KORA_INCIDENT_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no incident of that id' },
  KORA_IDENTITY_AMBIGUOUS: {
    exit: exitCodes.invalid,
    status: 409,
    means: 'two identities claim a workspace without an order',
  },
  KORA_IDENTITY_UNKNOWN: {
    exit: exitCodes.findings,
    status: 404,
    means: 'there is no identity of that name',
  },
  KORA_IDENTITY_INVALID: {
    exit: exitCodes.findings,
    status: 400,
    means: 'an identity has an empty soul or system prompt',
  },
  KORA_PLUGIN_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no plugin of that id' },
  KORA_PLUGIN_INVALID: {
    exit: exitCodes.findings,
    status: 400,
    means: 'a plugin declares or registers something malformed',
  },
  KORA_PLUGIN_FAILED: { exit: exitCodes.findings, status: 500, means: 'a plugin threw, hung or died' },
  KORA_PLUGIN_GONE: {
    exit: exitCodes.findings,
    status: 410,
    means: 'an unloaded plugin still calls its context',
  },
  KORA_PLUGIN_REFUSED: {
    exit: exitCodes.denied,
    status: 403,
    means: 'a plugin in its own process may not do this',
  },
  KORA_CAPABILITY_TAKEN: {
    exit: exitCodes.findings,
    status: 409,
    means: 'two plugins declare one capability',
  },
  KORA_CAPABILITY_UNKNOWN: {
    exit: exitCodes.findings,
    status: 404,
    means: 'there is no capability of that id',
  },
  KORA_GRANT_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no grant of that id' },
  KORA_APPROVAL_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no approval of that id' },
  KORA_APPROVAL_DECIDED: {
    exit: exitCodes.findings,
    status: 409,
    means: 'an approval was decided otherwise, used, or is over',
  },
  KORA_DECISION_DENIED: {
    exit: exitCodes.denied,
    status: 403,
    means: 'whoever grants, revokes or decides is no active operator',
  },
  KORA_WORKER_KIND: {
    exit: exitCodes.denied,
    status: 403,
    means: 'a worker asks for a kind of ticket that its token is not for',
  },
  KORA_WORKER_UNKNOWN: {
    exit: exitCodes.findings,
    status: 404,
    means: 'there is no worker token of that number',
  },
  KORA_HOLD_UNKNOWN: { exit: exitCodes.findings, status: 404, means: 'there is no hold of that id' },
  KORA_AUTH_MISSING: {
    exit: exitCodes.denied,
    status: 401,
    means: 'no valid token or session came with the request',
  },
  KORA_AUTH_REFUSED: { exit: exitCodes.denied, status: 403, means: 'the request came from a foreign page' },
  KORA_HOST_REFUSED: { exit: exitCodes.denied, status: 421, means: 'the Host header names another host' },
  KORA_PAIRING_REFUSED: {
    exit: exitCodes.denied,
    status: 401,
    means: 'the pairing code is wrong, used or expired',
  },
  KORA_REQUEST_INVALID: { exit: exitCodes.usage, status: 400, means: 'a request does not fit its schema' },
  KORA_NOT_FOUND: { exit: exitCodes.findings, status: 404, means: 'there is no such thing' },
  KORA_NOT_READY: { exit: exitCodes.temporary, status: 503, means: 'the runtime is still booting' },
  KORA_UNREACHABLE: { exit: exitCodes.unreachable, status: 503, means: 'no runtime answers for this home' },
  KORA_USAGE: { exit: exitCodes.usage, status: 400, means: 'the command line is not understood' },
  KORA_INTERNAL: { exit: exitCodes.findings, status: 500, means: 'a fault of Kora itself' },
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof faultTable;

/** Builds the error for a code of the table. */
export function fault(code: FaultCode, message: string, options: FaultOptions = {}): KoraError {
  return new KoraError(code, message, options);
}

/** Exit code and HTTP status of any error; what is not in the table is an internal fault. */
export function faultRow(error: unknown): FaultRow {
  const known: Readonly<Record<string, FaultRow>> = faultTable;
  const code = error instanceof KoraError && Object.hasOwn(known, error.code) ? error.code : 'KORA_INTERNAL';
  return known[code] ?? faultTable.KORA_INTERNAL;
}
