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

const row = (exit: keyof typeof exitCodes, status: number, means: string): FaultRow => ({
  exit: exitCodes[exit],
  status,
  means,
});

/** Every code the runtime throws. Codes are never reused; docs/errors.md is compared with this table both ways. */
export const faultTable = {
  KORA_CONFIG_INVALID: row('invalid', 400, 'a configuration value has the wrong shape'),
  KORA_CONFIG_UNKNOWN_KEY: row('invalid', 400, 'a configuration key is not known'),
  KORA_CONFIG_UNREADABLE: row('invalid', 500, 'the configuration file cannot be read'),
  KORA_CONFIG_CHANGED: row('findings', 409, 'the configuration is no longer what its writer had read'),
  KORA_HOME_UNREADABLE: row('denied', 500, 'the home cannot be created, read or written'),
  KORA_HOME_LOCKED: row('held', 409, 'another living runtime holds the home'),
  KORA_PORT_TAKEN: row('held', 409, 'another process listens on the port'),
  KORA_STORE_UNREACHABLE: row('temporary', 503, 'the database does not answer'),
  KORA_STORE_REFUSED: row('invalid', 500, 'the database refuses the login or is too old'),
  KORA_STORE_FULL: row('temporary', 507, 'the disk of the database is full'),
  KORA_STORE_POOLED: row(
    'temporary',
    503,
    'notifications of the database do not arrive, as behind a transaction pooler; Kora polls',
  ),
  KORA_STORE_EMBEDDED: row('temporary', 500, 'the embedded PostgreSQL did not start'),
  KORA_STORE_STRANGE: row('invalid', 409, 'this home never saw the store, and it is not empty'),
  KORA_STORE_UNFINISHED: row('invalid', 409, 'the store was being moved here and never became complete'),
  KORA_STORE_NOT_EMPTY: row('held', 409, 'the database a store should be moved to holds one already'),
  KORA_EPOCH_MISMATCH: row(
    'findings',
    409,
    'the store was restored, rolled back or raised since this home saw it',
  ),
  KORA_TRANSFER_DIFFERS: row('findings', 500, 'a moved store is not what its source was'),
  KORA_BACKUP_INVALID: row('invalid', 400, 'a backup is incomplete, changed, or not one'),
  KORA_BACKUP_TARGET: row('held', 409, 'the folder for a backup or a restored home is in use'),
  KORA_MIGRATION_CHANGED: row('invalid', 500, 'an applied migration differs from this build'),
  KORA_MIGRATION_FAILED: row('invalid', 500, 'a migration did not apply'),
  KORA_SCHEMA_NEWER: row('invalid', 500, 'a newer build changed the schema in a breaking way'),
  KORA_COMMIT_REFUSED: row('temporary', 500, 'the database rolled back instead of committing'),
  KORA_NUMBER_UNSAFE: row('findings', 500, 'a 64-bit number of the database is past 2^53'),
  KORA_DISPOSE_FAILED: row('findings', 500, 'something opened could not be closed'),
  KORA_SEAL_STALE: row(
    'findings',
    503,
    'events have been staged for more than five seconds and are not on the chain',
  ),
  KORA_EVENT_UNKNOWN: row('findings', 400, 'the event type is not in the vocabulary'),
  KORA_EVENT_INVALID: row('findings', 400, 'the event payload does not fit its schema'),
  KORA_EVENT_TYPE_TAKEN: row('findings', 409, 'two owners declare the same event type'),
  KORA_CHECKPOINT_KEY: row('invalid', 500, 'a checkpoint key cannot be read or is not Ed25519'),
  KORA_CHECKPOINT_FILE: row('findings', 500, 'the file of checkpoints cannot be written or read'),
  KORA_CHECKPOINT_UNPROVEN: row('findings', 409, 'the newest events do not prove, so nothing was signed'),
  KORA_ANCHOR_FAILED: row('temporary', 502, 'an anchor did not take the newest checkpoint'),
  KORA_EVENT_ABSENT: row('findings', 404, 'there is no event of that sequence'),
  KORA_REDACT_REFUSED: row('findings', 409, 'the body of that event cannot be taken away'),
  KORA_PRUNE_REFUSED: row('findings', 409, 'the log cannot be pruned up to there'),
  KORA_SPOOL_FULL: row(
    'temporary',
    507,
    'the store is away, and the file that keeps events for it takes no more',
  ),
  KORA_CONSUMER_TAKEN: row('findings', 409, 'a subscription of that name exists already'),
  KORA_CONSUMER_UNKNOWN: row('findings', 404, 'there is no subscription of that name'),
  KORA_CONSUMER_RUNNING: row('findings', 409, 'a subscription that is to be forgotten still runs'),
  KORA_PARKED_UNKNOWN: row('findings', 404, 'the consumer has not parked that event'),
  KORA_SUBSCRIPTION_INVALID: row(
    'findings',
    400,
    'a subscription asks for a start, deadline or batch that cannot be',
  ),
  KORA_STATE_EMIT: row('temporary', 500, 'a state transition could not be recorded'),
  KORA_STATE_CAUSE: row('findings', 500, 'a cause tried to change the state in a way that is not its own'),
  KORA_STOP_REFUSED: row('denied', 403, 'this issuer may not give this stop command'),
  KORA_STOPPED: row('stopped', 503, 'a stop of level 4 or 5 ended the process while it was starting'),
  KORA_CREDENTIALS_LOCKED: row(
    'denied',
    423,
    'a stop of level 5 is in force: secrets of services stay out of reach until the operator resumes',
  ),
  KORA_BOOT_FAILED: row('findings', 503, 'a boot gate said no'),
  KORA_BOOT_EXHAUSTED: row('temporary', 503, 'a transient boot gate never passed'),
  KORA_ADMISSION_DENIED: row('findings', 409, 'the operational state forbids it'),
  KORA_SPEND_INVALID: row('findings', 400, 'an amount of money that cannot be'),
  KORA_SPEND_CALL_UNKNOWN: row(
    'findings',
    404,
    'nothing was reserved for that call, or another caller reserved it',
  ),
  KORA_SPEND_SETTLED: row('findings', 409, 'a reservation that is to be released was settled'),
  KORA_SPEND_NO_POOL: row('temporary', 503, 'no runtime has said what the workspace may spend'),
  KORA_DAEMON_DUPLICATE: row('findings', 409, 'two plugins declare one daemon name'),
  KORA_DAEMON_UNKNOWN: row('findings', 404, 'there is no daemon of that name'),
  KORA_DAEMON_START: row('findings', 500, 'a daemon did not start'),
  KORA_DAEMON_DEPENDS: row('findings', 500, 'daemons depend on each other in a circle or on none'),
  KORA_DAEMON_ELSEWHERE: row('findings', 409, 'another runtime runs this fleet daemon'),
  KORA_DAEMON_SILENT: row('findings', 500, 'a daemon gave no sign of life in its time'),
  KORA_TASK_DUPLICATE: row('findings', 409, 'two plugins declare one task name'),
  KORA_TASK_UNKNOWN: row('findings', 404, 'there is no task of that name'),
  KORA_TASK_CADENCE: row('findings', 400, 'a cadence does not parse, or names no time to come'),
  KORA_TASK_BUSY: row('findings', 409, 'another runtime runs the task now'),
  KORA_TIMEOUT: row('temporary', 504, 'a deadline passed'),
  KORA_TICKET_INVALID: row('usage', 400, 'a ticket field or payload is not valid'),
  KORA_TICKET_UNKNOWN: row('findings', 404, 'there is no ticket of that id'),
  KORA_TICKET_STALE_FENCE: row('findings', 409, 'a write came from a holder that lost its lease'),
  KORA_TICKET_HANDLER_TAKEN: row('findings', 409, 'two plugins handle one ticket kind'),
  KORA_OPERATION_INVALID: row(
    'usage',
    400,
    'an operation of a ticket is described in a way the ledger cannot keep',
  ),
  KORA_OPERATION_CHANGED: row(
    'findings',
    409,
    'an operation is asked for under an id that another request has',
  ),
  KORA_OPERATION_UNKNOWN: row(
    'findings',
    409,
    'an operation that may happen once was begun, and nobody knows whether it happened',
  ),
  KORA_OPERATION_STATE: row(
    'findings',
    409,
    'an operation is not where this step of it begins: another has moved it',
  ),
  KORA_OPERATION_RESULT: row(
    'findings',
    409,
    'an operation happened, and what it answered could not be kept',
  ),
  KORA_OPERATION_REFUSED: row('findings', 409, 'the other side refused an operation: it did not happen'),
  KORA_CHANNEL_DUPLICATE: row('findings', 409, 'two plugins declare one channel'),
  KORA_CHANNEL_UNKNOWN: row('findings', 404, 'there is no channel of that name'),
  KORA_CHANNEL_DEAF: row('findings', 503, 'a channel stopped listening by itself'),
  KORA_INBOUND_UNKNOWN: row('findings', 404, 'no message of that number came in, or it is not in quarantine'),
  KORA_INBOUND_UNREAD: row(
    'findings',
    409,
    'a message in quarantine was never read, and can be shown and dropped but not handled',
  ),
  KORA_INBOUND_SEALED: row('findings', 409, 'what is in quarantine cannot be opened by this home'),
  KORA_INBOUND_UNANSWERED: row(
    'temporary',
    503,
    'whoever thinks did not answer a message; it is tried again',
  ),
  KORA_INBOUND_LOST: row('temporary', 409, 'a message that came in is in other hands by now'),
  KORA_PROBE_DUPLICATE: row('findings', 409, 'two probes share one name'),
  KORA_PROBE_UNKNOWN: row('findings', 404, 'there is no probe of that name'),
  KORA_PROBE_CYCLE: row('invalid', 400, 'a probe needs another that needs it'),
  KORA_INCIDENT_UNKNOWN: row('findings', 404, 'there is no incident of that id'),
  KORA_INCIDENT_RESOLVED: row('findings', 409, 'the incident is over: there is nothing to silence'),
  KORA_WINDOW_UNKNOWN: row('findings', 404, 'there is no maintenance window of that id, or it is over'),
  KORA_CHANGE_KIND_TAKEN: row('findings', 409, 'two owners bring the same kind of change'),
  KORA_LOOP_TAKEN: row('findings', 409, 'two plugins bring a promotion loop of the same name'),
  KORA_LOOP_UNKNOWN: row('findings', 404, 'there is no promotion loop of that name'),
  KORA_LOOP_OFF: row('findings', 409, 'the promotion loop is switched off in its configuration'),
  KORA_LOOK_OVER: row('findings', 409, 'the look at the past is over, or it was handed to another plugin'),
  KORA_PROPOSAL_UNKNOWN: row('findings', 404, 'there is no proposal of that number'),
  KORA_PROPOSAL_CHANGED: row('findings', 409, 'the proposal is no longer what was decided about'),
  KORA_PROPOSAL_DECIDED: row('findings', 409, 'the proposal is past that step'),
  KORA_CHANGE_REFUSED: row('findings', 409, 'the change cannot be made as things stand now'),
  KORA_FIX_TAKEN: row('findings', 409, 'two plugins bring the same fix of one probe'),
  KORA_FIX_UNKNOWN: row('findings', 404, 'there is no attempt at a fix of that id'),
  KORA_ALERT_UNKNOWN: row('findings', 404, 'there is no alert of that id'),
  KORA_ALERT_OVER: row('findings', 409, 'the alert is over: there is nothing left to acknowledge or snooze'),
  KORA_IDENTITY_AMBIGUOUS: row('invalid', 409, 'two identities claim a workspace without an order'),
  KORA_IDENTITY_UNKNOWN: row('findings', 404, 'there is no identity of that name'),
  KORA_IDENTITY_INVALID: row('findings', 400, 'an identity has an empty soul or system prompt'),
  KORA_PLUGIN_UNKNOWN: row('findings', 404, 'there is no plugin of that id'),
  KORA_PLUGIN_INVALID: row('findings', 400, 'a plugin declares or registers something malformed'),
  KORA_PLUGIN_FAILED: row('findings', 500, 'a plugin threw, hung or died'),
  KORA_PLUGIN_GONE: row('findings', 410, 'an unloaded plugin still calls its context'),
  KORA_PLUGIN_REFUSED: row('denied', 403, 'a plugin in its own process may not do this'),
  KORA_PLUGIN_STORE_REFUSED: row('denied', 503, 'the database gives a plugin no place for its own tables'),
  KORA_PLUGIN_STATEMENT_REFUSED: row('findings', 400, 'a plugin may not run this statement in its store'),
  KORA_PLUGIN_STATEMENT_FAILED: row('findings', 409, "the database refused a statement of a plugin's own"),
  KORA_CURSOR_STALE: row(
    'findings',
    409,
    'a subscription does not stand before that event, or runs elsewhere',
  ),
  KORA_PLUGIN_INSTALLED: row('findings', 409, 'a plugin is there, and so is what it uses'),
  KORA_PLUGIN_NOT_PARKED: row('findings', 409, 'nothing of that plugin waits for the operator'),
  KORA_PLUGIN_INSTALL: row('findings', 500, 'a package manager did not do what was asked'),
  KORA_SECRET_UNDECLARED: row('denied', 403, 'a plugin asks for a secret that its manifest does not name'),
  KORA_SECRET_SHADOWED: row('denied', 409, 'the variable of a secret belongs to another plugin too'),
  KORA_PANEL_UNKNOWN: row('findings', 404, 'a plugin shows no such panel, or the panel has no such action'),
  KORA_PANEL_FAILED: row('findings', 502, 'a panel of a plugin threw, hung or answered something else'),
  KORA_TOOL_INVALID: row('findings', 400, 'a tool is malformed, or of a capability that no tool may have'),
  KORA_TOOL_TAKEN: row('findings', 409, 'two plugins bring one tool'),
  KORA_TOOL_UNKNOWN: row('findings', 404, 'there is no tool of that name'),
  KORA_ARTIFACT_REFUSED: row('findings', 400, 'a file may not be kept: its name, its type or its size'),
  KORA_ARTIFACT_FULL: row('findings', 507, 'there is no room for another file'),
  KORA_ARTIFACT_UNKNOWN: row('findings', 404, 'there is no such artifact, or its time is over'),
  KORA_ARTIFACT_DAMAGED: row('findings', 500, 'the bytes of an artifact are not those that were kept'),
  KORA_CAPABILITY_TAKEN: row('findings', 409, 'two plugins declare one capability'),
  KORA_CAPABILITY_UNKNOWN: row('findings', 404, 'there is no capability of that id'),
  KORA_GRANT_UNKNOWN: row('findings', 404, 'there is no grant of that id'),
  KORA_APPROVAL_UNKNOWN: row('findings', 404, 'there is no approval of that id'),
  KORA_APPROVAL_DECIDED: row('findings', 409, 'an approval was decided otherwise, used, or is over'),
  KORA_DECISION_UNKNOWN: row('findings', 404, 'there is no decision of that number or code'),
  KORA_DECISION_DENIED: row('denied', 403, 'whoever grants, revokes or decides is no active operator'),
  KORA_PHRASEBOOK_INVALID: row('usage', 400, 'an entry of the phrasebook is not valid'),
  KORA_PHRASEBOOK_CHANGED: row('findings', 409, 'the phrasebook is no longer what its writer had read'),
  KORA_WORKER_KIND: row('denied', 403, 'a worker asks for a kind of ticket that its token is not for'),
  KORA_WORKER_UNKNOWN: row('findings', 404, 'there is no worker token of that number'),
  KORA_MCP_TOKEN_UNKNOWN: row('findings', 404, 'there is no token of an MCP caller of that number'),
  KORA_MCP_TOO_MANY: row('temporary', 429, 'an MCP caller asks more often in a minute than it may'),
  KORA_MCP_NOT_WORKER: row(
    'denied',
    403,
    'an MCP caller may work no tickets: its token was made without kinds',
  ),
  KORA_HOLD_UNKNOWN: row('findings', 404, 'there is no hold of that id'),
  KORA_AUTH_MISSING: row('denied', 401, 'no valid token or session came with the request'),
  KORA_AUTH_REFUSED: row('denied', 403, 'the request came from a foreign page'),
  KORA_HOST_REFUSED: row('denied', 421, 'the Host header names another host'),
  KORA_PAIRING_REFUSED: row('denied', 401, 'the pairing code is wrong, used or expired'),
  KORA_REQUEST_INVALID: row('usage', 400, 'a request does not fit its schema'),
  KORA_NOT_FOUND: row('findings', 404, 'there is no such thing'),
  KORA_NOT_READY: row('temporary', 503, 'the runtime is still booting'),
  KORA_UNREACHABLE: row('unreachable', 503, 'no runtime answers for this home'),
  KORA_USAGE: row('usage', 400, 'the command line is not understood'),
  KORA_INTERNAL: row('findings', 500, 'a fault of Kora itself'),
};

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
