import { fault, KoraError, messageOf } from '../fault/index.ts';

/**
 * Why a plugin is not simply running, as data: a stable code for programs, a sentence for people, and the step that
 * mends it. The same reasons stand in `kora plugin list`, in events and in the log.
 */
export const reasonCodes = [
  // Seen by the index, before any code of the package runs.
  'not_installed',
  'manifest_invalid',
  'entry_missing',
  'duplicate_id',
  'denied',
  'not_allowed',
  'api_mismatch',
  'runtime_too_old',
  'peer_range',
  // Seen while it is put in step with what is installed.
  'restart_needed',
  'capabilities_grown',
  'package_changed',
  'load_timeout',
  // Seen while it loads.
  'not_admitted',
  'import_failed',
  'import_timeout',
  'not_a_plugin',
  'config_invalid',
  'register_failed',
  'register_timeout',
  'packages_closed',
  'guest_failed',
  // Seen while it runs.
  'declared_mismatch',
  'daemon_failed',
  'guest_crashed',
  'guest_killed',
] as const;

export type ReasonCode = (typeof reasonCodes)[number];

export interface PluginReason {
  readonly code: ReasonCode;
  readonly message: string;
  /** A command or an edit, as a user would type it. */
  readonly fix?: string;
}

/** The error that carries a reason from where a plugin failed to the row that shows it. */
export function refusal(reason: PluginReason, cause?: unknown): KoraError {
  return fault('KORA_PLUGIN_FAILED', reason.message, {
    ...(reason.fix === undefined ? {} : { fix: reason.fix }),
    details: { reason: reason.code },
    cause,
  });
}

/** The reason of any error: its own when it was thrown by `refusal`, else `otherwise` with its message. */
export function reasonOf(error: unknown, otherwise: ReasonCode): PluginReason {
  const fix = error instanceof KoraError ? error.fix : undefined;
  const code =
    error instanceof KoraError ? reasonCodes.find((each) => each === error.details['reason']) : undefined;
  return { code: code ?? otherwise, message: messageOf(error), ...(fix === undefined ? {} : { fix }) };
}
